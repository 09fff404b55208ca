import { Stop } from '../../../hypervisor/engine/step-contract';
import { encode, type Operands } from '../../../hypervisor/isa/encode';
import { BesideOracle } from './beside-oracle';
import { KINDS, RAM_BASE, SingleVm } from './single-vm';

const DATA = RAM_BASE + 0x1000;

describe.each(KINDS)('%s', (_, kind) => {
  const insn = (name: string, operands?: Operands) => encode(kind.xlen, name, operands);

  /** Sums squares into memory, with branches both ways, a call, multiplications, divisions and an atomic. */
  const program = [
    insn('addi', { rd: 8, imm: 5 }),
    /* loop: */
    insn('jal', { rd: 1, imm: 24 }),
    insn('sw', { rs1: 9, rs2: 10 }),
    insn('amoadd.w', { rd: 11, rs1: 9, rs2: 8 }),
    insn('c.addi', { rd: 8, imm: -1 }),
    insn('c.addi', { rd: 9, imm: 4 }),
    insn('bne', { rs1: 8, imm: -16 }),
    insn('ecall'),
    /* square: */
    insn('mul', { rd: 10, rs1: 8, rs2: 8 }),
    insn('beq', { rs1: 10, rs2: 8, imm: 8 }),
    insn('divu', { rd: 12, rs1: 10, rs2: 8 }),
    insn('c.jr', { rs1: 1 }),
  ];

  const start = (): SingleVm => {
    const vm = new SingleVm(kind);
    vm.code(RAM_BASE, ...program);
    vm.setX(9, BigInt(DATA));
    return vm;
  };

  it('stops at every count of instructions as the oracle does', () => {
    for (let limit = 0; limit <= 60; limit++) {
      const vm = start();
      const beside = new BesideOracle(vm);
      const stop = beside.run(1e6, limit);
      expect(vm.run(1e6, limit)).toEqual({ stop, cycles: beside.cycles, instructions: beside.instructions });
      expect(beside.engineState).toEqual(beside.state);
      expect(Buffer.compare(vm.ram, beside.ram)).toBe(0);
    }
  });

  it('stops at every count of cycles as the oracle does', () => {
    for (let limit = 0; limit <= 240; limit++) {
      const vm = start();
      const beside = new BesideOracle(vm);
      const stop = beside.run(limit, 1e6);
      expect(vm.run(limit, 1e6)).toEqual({ stop, cycles: beside.cycles, instructions: beside.instructions });
      expect(beside.engineState).toEqual(beside.state);
    }
  });

  it('spends the same in one run as in runs of any length', () => {
    const whole = start();
    const { cycles, instructions } = whole.run();
    for (const slice of [1, 2, 3, 7]) {
      const vm = start();
      let spent = { stop: Stop.budget as Stop, cycles: 0, instructions: 0 };
      while (spent.stop === Stop.budget) {
        const run = vm.run(1e6, slice);
        spent = {
          stop: run.stop,
          cycles: spent.cycles + run.cycles,
          instructions: spent.instructions + run.instructions,
        };
      }
      expect(spent).toEqual({ stop: Stop.system, cycles, instructions });
      expect(Buffer.compare(vm.ram, whole.ram)).toBe(0);
    }
  });

  it('takes budgets up to the largest int32', () => {
    const vm = start();
    expect(vm.run(0x7fffffff).stop).toBe(Stop.system);
  });
});
