/** OpenSBI as Debian builds it runs as it is below a guest of ours. */
import { boot, defineSystem, mib, ms } from 'testvisor';
import { describeGuests, guests, pathOf } from './debian-packages';

/** A busy host needs some seconds for a boot. */
jest.setTimeout(60_000);

/** `li a7, 8; li a6, 0; li a0, 0; li a1, 0; ecall; j .` : system reset, shutdown (SBI 2.0, chapter 10). */
const shutdown = Uint8Array.from(
  new Uint8Array(
    Uint32Array.of(
      0x5352_58b7, //           lui   a7, 0x53525
      0x3548_8893, //           addi  a7, a7, 0x354
      0x0000_0813, //           li    a6, 0
      0x0000_0513, //           li    a0, 0
      0x0000_0593, //           li    a1, 0
      0x0000_0073, //           ecall
      0x0000_006f, //           j     .
    ).buffer,
  ),
);

describeGuests('OpenSBI', [guests.openSbiDynamic, guests.openSbiJump, guests.openSbiDynamicRaw], () => {
  test.each([
    ['fw_dynamic.elf', { elf: pathOf(guests.openSbiDynamic), relocatesItself: true }],
    ['fw_dynamic.bin', { raw: pathOf(guests.openSbiDynamicRaw), xlen: 64 }],
    ['fw_jump.elf', { elf: pathOf(guests.openSbiJump), relocatesItself: true }],
  ] as const)('%s says hello and starts the next stage in S-mode', async (_name, firmware) => {
    const machine = await boot(
      defineSystem({
        vms: { board: { profile: 'machine', firmware, image: { raw: shutdown, xlen: 64 }, ram: mib(64) } },
      }),
    );
    const board = machine.vm('board');
    await machine.runUntil(board.prints('OpenSBI v'), { atMost: ms(500) });
    await machine.runUntil(board.prints(/Next Mode +: S-mode/), { atMost: ms(500) });
    await machine.runUntil(board.halted(), { atMost: ms(500) });
    expect(board).toBeHalted({ code: 0 });
  });
});
