/** A spec talks with a guest over its console: waits for its prompt, types, and reads the answer. */
import { anyOf, boot, defineSystem, kib, ms } from 'testvisor';

/** Writes "> ", waits for a byte at the UART, writes it back, and begins again. */
const echo = Uint8Array.from(
  new Uint8Array(
    Uint32Array.of(
      0x1000_02b7, //        lui  t0, 0x10000
      0x03e0_0313, // begin: li   t1, '>'
      0x0062_8023, //        sb   t1, 0(t0)
      0x0200_0313, //        li   t1, ' '
      0x0062_8023, //        sb   t1, 0(t0)
      0x0052_c383, // wait:  lbu  t2, 5(t0)
      0x0013_f393, //        andi t2, t2, 1
      0xfe03_8ce3, //        beqz t2, wait
      0x0002_c303, //        lbu  t1, 0(t0)
      0x0062_8023, //        sb   t1, 0(t0)
      0xfddf_f06f, //        j    begin
    ).buffer,
  ),
);

const system = defineSystem({
  vms: { shell: { image: { raw: echo, xlen: 64 }, profile: 'machine', ram: kib(64) } },
});

test('runUntil stops at the byte that completes the prompt', async () => {
  const machine = await boot(system);
  const shell = machine.vm('shell');
  await machine.runUntil(shell.prompts('> '), { atMost: ms(1) });
  expect(shell.console.text).toBe('> ');
  expect(shell.instructions).toBe(5);
});

test('a prompt that is there already is not waited for again', async () => {
  const machine = await boot(system);
  const shell = machine.vm('shell');
  await machine.runUntil(shell.prompts('> '), { atMost: ms(1) });
  shell.console.type('a');
  await machine.runUntil(shell.prompts('> '), { atMost: ms(1) });
  expect(shell.console.text).toBe('> a> ');
});

test('an expression sees the unfinished line only', async () => {
  const machine = await boot(system);
  const shell = machine.vm('shell');
  shell.console.type('a\nb');
  await machine.runUntil(shell.prompts(/^> b/), { atMost: ms(1) });
  expect(shell.console.text).toBe('> a> \n> b');
});

test('of a prompt and an event the first one counts', async () => {
  const machine = await boot(system);
  const shell = machine.vm('shell');
  expect(
    await machine.runUntil(anyOf(shell.halted(), shell.prompts('> ')), { atMost: ms(1) }),
  ).toBeUndefined();
  expect(shell.console.text).toBe('> ');
});

test('a prompt that never comes is named in the failure', async () => {
  const machine = await boot(system);
  await expect(machine.runUntil(machine.vm('shell').prompts('# '), { atMost: ms(1) })).rejects.toThrow(
    'machine.runUntil(shell prompts "# ")',
  );
});

test('several prompts of a VM may be waited for, whichever comes first', async () => {
  const machine = await boot(system);
  const shell = machine.vm('shell');
  shell.console.type('ab');
  for (const text of ['> ', '> a> ', '> a> b> ']) {
    await machine.runUntil(anyOf(shell.prompts('> '), shell.prompts('never')), { atMost: ms(1) });
    expect(shell.console.text).toBe(text);
  }
});
