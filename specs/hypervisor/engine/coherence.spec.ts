import fc from 'fast-check';
import { Stop } from '../../../hypervisor/engine/step-contract';
import { encode, type Operands } from '../../../hypervisor/isa/encode';
import { BesideOracle } from './beside-oracle';
import { KINDS, RAM_BASE, SingleVm } from './single-vm';

describe.each(KINDS)('%s sees its own stores to code', (_, kind) => {
  const { xlen } = kind;
  const insn = (name: string, operands?: Operands) => encode(xlen, name, operands);

  it('at the next instruction, without FENCE.I', () => {
    const vm = new SingleVm(kind);
    vm.code(
      RAM_BASE,
      insn('sw', { rs1: 5, rs2: 6, imm: 4 }),
      insn('addi', { rd: 10, imm: 1 }),
      insn('ecall'),
    );
    vm.setX(5, BigInt(RAM_BASE));
    vm.setX(6, BigInt(insn('addi', { rd: 10, imm: 2 })));
    vm.run();
    expect(vm.x(10)).toBe(2n);
  });

  it('in one halfword of an instruction that lies across two pages', () => {
    const vm = new SingleVm(kind);
    const across = RAM_BASE + 0x1ffe;
    vm.code(across, insn('addi', { rd: 10, rs1: 10, imm: 1 }), insn('c.jr', { rs1: 1 }));
    vm.code(
      RAM_BASE,
      insn('jalr', { rd: 1, rs1: 5 }),
      insn('sh', { rs1: 6, rs2: 7 }),
      insn('jalr', { rd: 1, rs1: 5 }),
      insn('ecall'),
    );
    vm.setX(5, BigInt(across));
    vm.setX(6, BigInt(across + 2));
    // The upper half of `addi x10, x10, 16`.
    vm.setX(7, BigInt(insn('addi', { rd: 10, rs1: 10, imm: 16 }) >>> 16));
    vm.run();
    expect(vm.x(10)).toBe(17n);
  });

  it('when a store from the page before reaches into code', () => {
    const vm = new SingleVm(kind);
    const page = RAM_BASE + 0x2000;
    vm.code(page, insn('addi', { rd: 10, rs1: 10, imm: 1 }), insn('c.jr', { rs1: 1 }));
    vm.code(
      RAM_BASE,
      insn('jalr', { rd: 1, rs1: 5 }),
      insn('sw', { rs1: 5, rs2: 7, imm: -2 }),
      insn('jalr', { rd: 1, rs1: 5 }),
      insn('ecall'),
    );
    vm.setX(5, BigInt(page));
    // The lower half of `addi x11, x10, 1`.
    vm.setX(7, BigInt((insn('addi', { rd: 11, rs1: 10, imm: 1 }) << 16) >>> 0));
    vm.run();
    expect([vm.x(10), vm.x(11)]).toEqual([1n, 2n]);
  });

  it('whatever it overwrites: random stores into random code', () => {
    const names = ['addi', 'c.addi', 'sw', 'sh', 'sb', 'amoswap.w', 'bne', 'c.li', 'xor'];
    const line = fc.record({
      name: fc.constantFrom(...names),
      a: fc.integer({ min: 5, max: 9 }),
      b: fc.integer({ min: 5, max: 9 }),
      imm: fc.integer({ min: 0, max: 31 }),
    });
    const run = (
      lines: readonly { name: string; a: number; b: number; imm: number }[],
      seeds: readonly number[],
    ) => {
      const vm = new SingleVm(kind, { ram: 8192 });
      const middle = RAM_BASE + 4096 - 24;
      const encodings = lines.map(({ name, a, b, imm }) => {
        const even = name === 'bne' ? (imm - 15) * 2 : name.startsWith('c.') ? imm - 16 : imm;
        return insn(name, {
          rd: a,
          rs1: a,
          rs2: b,
          ...(name === 'amoswap.w' ? {} : { imm: name === 'xor' ? 0 : even }),
        });
      });
      vm.code(middle, ...encodings);
      // Registers hold addresses inside the code, so that stores and what they store are code.
      seeds.forEach((seed, at) => vm.setX(5 + at, BigInt(middle + seed)));
      vm.pc = BigInt(middle);
      const beside = new BesideOracle(vm);
      const stop = beside.run(1e6, 200);
      const ran = vm.run(1e6, 200);
      expect(ran).toEqual({ stop, cycles: beside.cycles, instructions: beside.instructions });
      expect(beside.engineState).toEqual(beside.state);
      expect(Buffer.compare(vm.ram, beside.ram)).toBe(0);
      vm.machine.dispose();
    };
    const seeds = fc.array(fc.integer({ min: 0, max: 48 }), { minLength: 5, maxLength: 5 });
    fc.assert(fc.property(fc.array(line, { minLength: 4, maxLength: 14 }), seeds, run), { numRuns: 150 });
  });

  it('and the writes of others, when it is told', () => {
    const vm = new SingleVm(kind);
    vm.code(RAM_BASE, insn('addi', { rd: 10, imm: 1 }), insn('ecall'));
    expect(vm.run().stop).toBe(Stop.system);
    vm.pc = BigInt(RAM_BASE);
    vm.code(RAM_BASE, insn('addi', { rd: 10, imm: 3 }));
    vm.run();
    expect(vm.x(10)).toBe(3n);
  });
});
