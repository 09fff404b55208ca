/** A cold start finds RAM all zero but for what is loaded, whoever wrote to it before. */
import { boot, defineSystem, faults, kib, ms } from 'testvisor';

const spin = Uint8Array.of(0x6f, 0, 0, 0);
const UNUSED = 0x8000_8000;

const system = defineSystem({
  vms: {
    board: {
      image: { raw: spin, xlen: 64 },
      profile: 'machine',
      ram: kib(64),
      onFault: { restart: 'cold' },
    },
  },
});

test('RAM is zero at first', async () => {
  const machine = await boot(system);
  expect(machine.vm('board').read(UNUSED, 4)).toEqual(new Uint8Array(4));
});

test.each(['the machine itself', 'its fork', 'itself after a return to a snapshot'] as const)(
  'a cold restart clears what was written before: %s',
  async (which) => {
    const machine = await boot(system);
    machine.vm('board').write(UNUSED, Uint8Array.of(1, 2, 3, 4));
    if (which === 'itself after a return to a snapshot') machine.restore(machine.snapshot());
    const subject = which === 'its fork' ? machine.fork() : machine;
    expect(subject.vm('board').read(UNUSED, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    subject.inject(faults.crash({ vm: 'board', at: ms(1) }));
    await subject.runUntil(subject.vm('board').restarted(), { atMost: ms(5) });
    expect(subject.vm('board').read(UNUSED, 4)).toEqual(new Uint8Array(4));
  },
);
