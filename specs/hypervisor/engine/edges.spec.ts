import { Stop, Access } from '../../../hypervisor/engine/step-contract';
import * as Layout from '../../../hypervisor/hart/layout';
import { encode, type Operands } from '../../../hypervisor/isa/encode';
import { KINDS, RAM_BASE, SingleVm } from './single-vm';

const RAM = 64 * 1024;
const END = RAM_BASE + RAM;

describe.each(KINDS)('%s', (_, kind) => {
  const { xlen, translated } = kind;
  const insn = (name: string, operands?: Operands) => encode(xlen, name, operands);
  const word = xlen === 32 ? 4 : 8;

  describe('at the edges of memory', () => {
    it('stops at the end of the window when it runs off', () => {
      const vm = new SingleVm(kind);
      vm.code(END - 2, insn('c.addi', { rd: 5, imm: 1 }));
      vm.pc = BigInt(END - 2);
      expect(vm.run()).toMatchObject({ stop: Stop.fetch, instructions: 1 });
      expect(vm.pc).toBe(BigInt(END));
      expect(vm.run()).toMatchObject({ stop: Stop.fetch, instructions: 0 });
    });

    it('leaves an instruction to the caller that is only half in RAM', () => {
      const vm = new SingleVm(kind);
      vm.write(END - 2, 2, 0x0003n);
      vm.pc = BigInt(END - 2);
      expect(vm.run()).toMatchObject({ stop: Stop.fetch, instructions: 0 });
    });

    it.each([0n, 0x7fff_fffen, BigInt(END), 0xffff_fffen])(
      'retires a jump to %x, then stops there',
      (target) => {
        const vm = new SingleVm(kind);
        vm.code(RAM_BASE, insn('jalr', { rd: 1, rs1: 5, imm: 1 }));
        vm.setX(5, target);
        expect(vm.run()).toMatchObject({ stop: Stop.fetch, instructions: 1 });
        expect([vm.pc, vm.x(1)]).toEqual([target, BigInt(RAM_BASE + 4)]);
      },
    );

    it('retires a branch out of the window', () => {
      const vm = new SingleVm(kind);
      vm.code(RAM_BASE, insn('beq', { imm: -4 }));
      expect(vm.run()).toMatchObject({ stop: Stop.fetch, instructions: 1 });
      expect(vm.pc).toBe(BigInt(RAM_BASE - 4));
    });

    it('does not run at an odd pc', () => {
      const vm = new SingleVm(kind);
      vm.pc = BigInt(RAM_BASE + 1);
      expect(vm.run()).toMatchObject({ stop: Stop.fetch, instructions: 0 });
    });

    it('reads up to the last byte and not beyond', () => {
      const vm = new SingleVm(kind);
      const load = word === 4 ? 'lw' : 'ld';
      vm.code(RAM_BASE, insn(load, { rd: 6, rs1: 5 }), insn('ecall'));
      vm.write(END - 9, 8, 0x0102_0304_0506_0708n);
      vm.setX(5, BigInt(END - word));
      expect(vm.run().stop).toBe(Stop.system);
      for (let beyond = 1; beyond <= word; beyond++) {
        vm.pc = BigInt(RAM_BASE);
        vm.setX(5, BigInt(END - word + beyond));
        expect(vm.run().stop).toBe(Stop.trap);
        expect(vm.trapTaken).toEqual({ cause: 5, value: BigInt(END - word + beyond) });
        expect(vm.pc).toBe(BigInt(RAM_BASE));
      }
    });

    it('traps with the encoding of an illegal instruction', () => {
      const vm = new SingleVm(kind);
      vm.write(RAM_BASE, 4, 0xffff_ffffn);
      expect(vm.run()).toMatchObject({ stop: Stop.trap, instructions: 0 });
      expect(vm.trapTaken).toEqual({ cause: 2, value: 0xffff_ffffn });
      vm.write(RAM_BASE, 4, 0n);
      expect(vm.run().stop).toBe(Stop.trap);
      expect(vm.trapTaken).toEqual({ cause: 2, value: 0n });
    });
  });

  describe('asks its host', () => {
    it('with an exact state, for what lies outside of RAM', () => {
      const seen: unknown[] = [];
      const see = (vm: SingleVm, what: string) => (size: number) => {
        const address = vm.wide(Layout.ACCESS_ADDRESS).toString(16);
        const data = BigInt.asUintN(size * 8, vm.wide(Layout.ACCESS_DATA)).toString(16);
        const left = vm.field(Layout.CYCLES_LEFT);
        seen.push(
          what === 'load' ? [what, size, address, vm.pc, left] : [what, size, address, data, vm.pc, left],
        );
        vm.wide(Layout.ACCESS_DATA, 0xfedc_ba98n);
        return Access.done;
      };
      const vm = new SingleVm(kind, { host: (vm) => ({ load: see(vm, 'load'), store: see(vm, 'store') }) });
      vm.code(
        RAM_BASE,
        insn('lh', { rd: 6, rs1: 5 }),
        insn('lbu', { rd: 7, rs1: 5, imm: 3 }),
        insn('sh', { rs1: 5, rs2: 6, imm: 8 }),
        insn('ecall'),
      );
      vm.setX(5, 0x1000_0000n);
      const { load } = kind.costs.instructions;
      expect(vm.run(1000).stop).toBe(Stop.system);
      expect(vm.x(6)).toBe(BigInt.asUintN(xlen, -0x4568n));
      expect(vm.x(7)).toBe(0x98n);
      expect(seen).toEqual([
        ['load', 2, '10000000', BigInt(RAM_BASE), 1000],
        ['load', 1, '10000003', BigInt(RAM_BASE + 4), 1000 - load],
        ['store', 2, '10000008', 'ba98', BigInt(RAM_BASE + 8), 1000 - 2 * load],
      ]);
    });

    it.each([1000, 0x7fffffff])(
      'and stops after the instruction on its wish, with %i cycles to spend',
      (cycles) => {
        const vm = new SingleVm(kind, {
          host: () => ({ load: () => Access.attention, store: () => Access.attention }),
        });
        vm.code(RAM_BASE, insn('lw', { rd: 6, rs1: 5 }), insn('sw', { rs1: 5, rs2: 6 }), insn('ecall'));
        vm.setX(5, 0x1000_0000n);
        vm.wide(Layout.ACCESS_DATA, 7n);
        const { load, store } = kind.costs.instructions;
        expect(vm.run(cycles)).toEqual({ stop: Stop.attention, cycles: load, instructions: 1 });
        expect([vm.pc, vm.x(6)]).toEqual([BigInt(RAM_BASE + 4), 7n]);
        expect(vm.run(cycles)).toEqual({ stop: Stop.attention, cycles: store, instructions: 1 });
        expect(vm.pc).toBe(BigInt(RAM_BASE + 8));
      },
    );

    it('for no atomic: they fault outside of RAM', () => {
      const vm = new SingleVm(kind);
      vm.setX(5, 0x1000_0000n);
      for (const [name, cause] of [
        ['lr.w', 5],
        ['sc.w', 7],
        ['amoadd.w', 7],
      ] as const) {
        vm.code(RAM_BASE, insn(name, { rd: 6, rs1: 5 }));
        vm.pc = BigInt(RAM_BASE);
        expect(vm.run().stop).toBe(Stop.trap);
        expect(vm.trapTaken).toEqual({ cause, value: 0x1000_0000n });
      }
    });
  });

  describe('breakpoints', () => {
    const planted = (): SingleVm => {
      const vm = new SingleVm(kind);
      vm.code(
        RAM_BASE,
        insn('addi', { rd: 5, rs1: 5, imm: 1 }),
        insn('addi', { rd: 5, rs1: 5, imm: 1 }),
        insn('jal', { imm: -8 }),
      );
      vm.engine.plantBreakpoint(RAM_BASE + 4);
      return vm;
    };

    it('stop before their instruction, and one step goes over them', () => {
      const vm = planted();
      expect(vm.run()).toMatchObject({ stop: Stop.breakpoint, instructions: 1 });
      expect(vm.run()).toMatchObject({ stop: Stop.breakpoint, instructions: 0 });
      vm.field(Layout.CYCLES_LEFT, 100);
      vm.field(Layout.INSTRUCTIONS_LEFT, 100);
      expect(vm.engine.step(translated)).toBe(Stop.budget);
      expect([vm.field(Layout.INSTRUCTIONS_LEFT), vm.pc, vm.x(5)]).toEqual([99, BigInt(RAM_BASE + 8), 2n]);
      expect(vm.run()).toMatchObject({ stop: Stop.breakpoint, instructions: 2 });
    });

    it('outlive a change of the code, until they are cleared', () => {
      const vm = planted();
      vm.code(RAM_BASE + 4, insn('addi', { rd: 5, rs1: 5, imm: 2 }));
      expect(vm.run()).toMatchObject({ stop: Stop.breakpoint, instructions: 1 });
      vm.engine.clearBreakpoint(RAM_BASE + 4);
      expect(vm.run(100)).toMatchObject({ stop: Stop.budget });
    });

    it('do not follow into a fork', () => {
      const vm = planted();
      vm.run();
      const fork = new SingleVm(kind);
      fork.machine.copyFrom(vm.machine);
      expect(fork.run(100)).toMatchObject({ stop: Stop.budget });
      expect(vm.run()).toMatchObject({ stop: Stop.breakpoint, instructions: 0 });
    });
  });
});
