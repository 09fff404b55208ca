import { boot, defineSystem, kib, us } from 'testvisor';
import { encode } from '../../../hypervisor/isa/encode';
import { bootRom } from '../../../platform/boot-rom';

const RAM = 0x8000_0000;
const [PASS, KEPT] = [256, 320];
const [T0, T1, T2, T3, T4] = [5, 6, 7, 28, 29];
/** The hart's number, the devicetree, what a firmware is told, and where the ROM jumped. */
const HANDED_OVER = [10, 11, 12, T0];

/** A firmware that keeps what it was handed, goes to the reset vector the first time it runs, and stays there the second. */
function firmware(xlen: 32 | 64): Uint8Array {
  const insn = (name: string, operands = {}) => encode(xlen, name, operands);
  const code = Uint32Array.from([
    insn('auipc', { rd: T1, imm: 0 }),
    insn('lw', { rd: T2, rs1: T1, imm: PASS }),
    insn('add', { rd: T3, rs1: T1, rs2: T2 }),
    ...HANDED_OVER.map((source, index) => insn('sw', { rs1: T3, rs2: source, imm: KEPT + 4 * index })),
    insn('addi', { rd: T3, rs1: T2, imm: 64 }),
    insn('sw', { rs1: T1, rs2: T3, imm: PASS }),
    insn('lui', { rd: T4, imm: 0x1000 }),
    insn('bne', { rs1: T2, rs2: 0, imm: 8 }),
    insn('jalr', { rd: 0, rs1: T4, imm: 0 }),
    insn('jal', { rd: 0, imm: 0 }),
  ]);
  const image = new Uint8Array(512);
  image.set(new Uint8Array(code.buffer));
  return image;
}

describe.each([32, 64] as const)('The boot ROM of RV%i', (xlen) => {
  it('leaves what harts start with, and really does so when it is run', async () => {
    const system = defineSystem({
      vms: { board: { profile: 'machine', image: { raw: firmware(xlen), xlen }, ram: kib(64) } },
    });
    const machine = await boot(system);
    const board = machine.vm('board');
    await machine.runFor(us(1));
    const kept = (pass: number) => [
      ...new Uint32Array(board.read(RAM + KEPT + 64 * pass, 4 * HANDED_OVER.length).slice().buffer),
    ];
    expect(board.read(RAM + PASS, 1)[0]).toBe(128);
    const [hart, devicetree, info, entry] = kept(0);
    expect([hart, info, entry]).toEqual([0, 0x1028, RAM]);
    expect([...board.read(devicetree!, 4)]).toEqual([0xd0, 0x0d, 0xfe, 0xed]);
    expect(kept(1)).toEqual(kept(0));
  });

  it('tells a dynamic firmware of its next stage in fields as wide as registers', () => {
    const rom = bootRom({ xlen, entry: RAM, devicetree: 0x8fe0_0000, nextStage: 0x8020_0000 });
    const info = new DataView(rom.buffer, 0x28);
    const field = (index: number) =>
      xlen === 64 ? Number(info.getBigUint64(8 * index, true)) : info.getUint32(4 * index, true);
    expect([0, 1, 2, 3, 4, 5].map(field)).toEqual([0x4942_534f, 2, 0x8020_0000, 1, 0, 0]);
    expect(rom.length).toBe(0x28 + (6 * xlen) / 8);
  });
});
