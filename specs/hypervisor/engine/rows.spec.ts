import fc from 'fast-check';
import { Stop } from '../../../hypervisor/engine/step-contract';
import * as Layout from '../../../hypervisor/hart/layout';
import { Decoded, decoderOf } from '../../../hypervisor/isa/decode';
import type { Encoding } from '../../../hypervisor/isa/encoding';
import { instructionSet, type Instruction } from '../../../hypervisor/isa/instruction-set';
import { boxed, interestingDouble, interestingSingle } from '../float/interesting';
import { BesideOracle } from './beside-oracle';
import { KINDS, RAM_BASE, SingleVm } from './single-vm';

const RAM = 8192;
const STOPS = { trap: Stop.trap, system: Stop.system, fetch: Stop.fetch, retired: Stop.budget } as const;
/** In the middle, so that most branches have a target with a record and some have not. */
const CODE = RAM_BASE + 4090;

const noise = Uint8Array.from({ length: RAM }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 24);

const edges = [
  0n,
  1n,
  2n,
  31n,
  32n,
  63n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x7fffffffffffffffn,
  -1n,
  -2n,
  1n << 63n,
];
const value = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }));
const registers = fc.array(value, { minLength: 32, maxLength: 32 });
/** Where rs1 + imm shall point: everywhere in RAM, across its ends, anywhere. */
const place = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -16, max: RAM + 16 }).map(BigInt) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: RAM / 8 }).map((n) => BigInt(n * 8)) },
  { weight: 1, arbitrary: value },
);

/** What floating-point numbers are interesting: their ends and edges, boxed in 64 bits where they are narrow. */
const floats = fc.array(fc.oneof(interestingDouble, boxed(interestingSingle), value), {
  minLength: 32,
  maxLength: 32,
});
/** fcsr and mstatus.FS: with floating point on or off, any rounding mode, any flags. */
const control = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0x301, 0x300) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x3ff }) },
);

describe.each(KINDS)('%s agrees with the oracle about', (_, kind) => {
  const { xlen } = kind;
  const vm = new SingleVm(kind, { ram: RAM });
  const decoded = new Decoded();

  /** Random operands in every field of a row; skipped where they make another instruction of it. */
  const agree = (encoding: Encoding, name: string, { facts }: Instruction, isIt: () => boolean): void => {
    const check = (
      free: number,
      x: readonly bigint[],
      f: readonly bigint[],
      floatControl: number,
      to: bigint,
      held: boolean,
    ): void => {
      const bits = (free & ~encoding.mask) | encoding.match;
      decoderOf(xlen).decode(bits, decoded);
      if (!isIt()) return;
      x.forEach((contents, index) => vm.setX(index, contents));
      f.forEach((contents, index) => vm.setF(index, contents));
      vm.field(Layout.FLOAT_CONTROL, floatControl);
      if (facts.loads || facts.stores || facts.jumpsByRegister) {
        vm.setX(decoded.rs1, BigInt(RAM_BASE) + to - BigInt(decoded.imm));
      }
      vm.ram.set(noise);
      vm.vm.codeChanged(RAM_BASE, RAM);
      vm.code(CODE, bits);
      vm.pc = BigInt(CODE);
      const beside = new BesideOracle(vm);
      const address = BigInt.asUintN(xlen, vm.x(decoded.rs1));
      vm.field(Layout.RESERVATION_VALID, 0);
      if (held && facts.stores) {
        // A reservation as the load-reserved of the same width would have left it.
        const size = name.endsWith('.d') ? 8 : 4;
        const loaded = beside.oracle.memory.load(address, size);
        if (loaded !== undefined) {
          const reserved = BigInt.asUintN(xlen, BigInt.asIntN(size * 8, loaded));
          beside.oracle.reservation = { address, value: reserved };
          vm.field(Layout.RESERVATION_VALID, 1);
          vm.wide(Layout.RESERVATION_ADDRESS, address);
          vm.wide(Layout.RESERVATION_VALUE, reserved);
        }
      }
      const outcome = beside.step();
      const spent = vm.run(100, 1);
      expect(beside.engineState).toEqual(beside.state);
      expect(Buffer.compare(vm.ram, beside.ram)).toBe(0);
      expect({ cycles: spent.cycles, instructions: spent.instructions }).toEqual({
        cycles: beside.cycles,
        instructions: beside.instructions,
      });
      expect(spent.stop).toBe(STOPS[outcome.is]);
      if (outcome.is === 'trap') expect(vm.trapTaken).toEqual({ cause: outcome.cause, value: outcome.value });
    };
    fc.assert(fc.property(fc.integer(), registers, floats, control, place, fc.boolean(), check), {
      numRuns: 15,
    });
  };

  const { instructions, compressed } = instructionSet(xlen);
  const rows = instructions.filter(({ facts }) => facts.system === undefined);
  it.each(rows.map((row) => [row.name, row] as const))('%s', (name, row) => {
    agree(row.encoding, name, row, () => decoded.instruction === row);
  });

  const short = compressed.filter(({ expandsTo }) => expandsTo.facts.system === undefined);
  it.each(short.map((row) => [row.name, row] as const))('%s', (name, row) => {
    agree(row.encoding, name, row.expandsTo, () => decoded.compressed === row);
  });
});
