import { translate } from '../../../../hypervisor/engine/translator/batch';
import { RegionFinder, type Region } from '../../../../hypervisor/engine/translator/region';
import { BASES, placeFor } from '../../../../hypervisor/engine/translator/shared-places';
import { Op } from '../../../../hypervisor/engine/wasm/opcodes';
import { DecodeAhead } from '../../../../hypervisor/engine/interpreter/decode-ahead';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, SingleVm, UNEVEN_COSTS } from '../single-vm';
import { Slot } from '../../../../hypervisor/hart/csr-slots';
import { CSRS } from '../../../../hypervisor/hart/layout';
import { systemOf } from '../fuzz/paged-hart';
import { type Instruction, readFunctions, type WasmFunction } from '../walls/wasm-function';
import { findUnchecked } from './find-unchecked';
import { CODE, RAM, randomness, writeRandomGuest } from './random-guest';

const PROGRAMS = 15;
/** Comparisons by XLEN, and `or` of both: a check ends with one, and an \`if\` follows it. */
const GREATER = { 32: 0x4a, 64: 0x56 } as const;
const OTHER = { 32: 0x47, 64: 0x52 } as const;
/** i64.store32: from i32.load on, all opcodes until there are accesses. */
const LAST_STORE = 0x3e;
const OR: readonly number[] = [0x72, 0x84];

describe.each([
  [32, 'physical', DEFAULT_COSTS],
  [64, 'physical', DEFAULT_COSTS],
  [32, 'physical', UNEVEN_COSTS],
  [64, 'physical', UNEVEN_COSTS],
  [32, 'virtual', DEFAULT_COSTS],
  [64, 'virtual', DEFAULT_COSTS],
  [32, 'physical', DEFAULT_COSTS, 'for several harts'],
  [64, 'physical', UNEVEN_COSTS, 'for several harts'],
  [32, 'physical', DEFAULT_COSTS, 'RAM elsewhere'],
  [64, 'physical', DEFAULT_COSTS, 'RAM elsewhere'],
] as const)(
  'RV%i, %s addresses',
  (xlen, addresses, costs, special?: 'for several harts' | 'RAM elsewhere') => {
    const isShared = special === 'for several harts';
    const vm = new SingleVm({ xlen, costs, translated: false }, { ram: RAM });
    vm.vm.sharesCode = isShared;
    const { ramBase, records } = vm.vm;
    const own = placeFor(vm.vm, vm.vm.hart(0), { xlen, addresses, costs: costs.instructions });
    const place = special === 'RAM elsewhere' ? { ...own, ramShift: 8192 - ramBase } : own;
    const decoder = new DecodeAhead(xlen, vm.vm);

    /** Translated functions of a random guest, from entries all over it. Every fourth is a kernel's. */
    const moduleOf = (seed: number): Uint8Array => {
      const floats = seed % 3 === 0 ? 40 : undefined;
      const kernel = seed % 4 === 3 ? { odd: 15, system: systemOf(xlen) } : {};
      const taste = { jumps: 12, accesses: 50, odd: 1, wild: 30, structured: seed % 2 === 0, ...kernel };
      writeRandomGuest(vm, seed, floats === undefined ? taste : { ...taste, floats });
      const finder = new RegionFinder({
        xlen,
        instructionAt: (address) => decoder.bitsOf(records + (address - ramBase) * 4),
        isFunction: () => false,
      });
      const random = randomness(seed);
      const starts = new Set(Array.from({ length: 12 }, () => RAM_BASE + random(CODE / 2) * 2));
      const regions = [...starts].flatMap((start): readonly Region[] => {
        const region = finder.find(start);
        return region === undefined ? [] : [region];
      });
      return translate(place, regions).module;
    };
    /** The first function is a helper without memory. */
    const functionsOf = (seed: number): readonly WasmFunction[] =>
      readFunctions(moduleOf(seed)).functions.slice(1);

    it('has no access without its check', () => {
      let accesses = 0;
      for (let seed = 0; seed < PROGRAMS; seed++) {
        for (const each of functionsOf(seed)) {
          expect(findUnchecked(each, place)).toEqual([]);
          accesses += each.body.filter(({ opcode }) => opcode >= Op.i32Load && opcode <= LAST_STORE).length;
        }
      }
      expect(accesses).toBeGreaterThan(2000);
    });

    it('has system instructions that kernels execute all the time, and would notice that they store elsewhere', () => {
      const status = (isShared ? 0 : place.hart) + CSRS + 8 * Slot.mstatus;
      const isStored = ({ opcode, immediates }: Instruction): boolean =>
        opcode === Op.i32Store && immediates[1] === status;
      const guest = functionsOf(3).find(({ body }) => body.some(isStored))!;
      for (const elsewhere of [-8, 8]) {
        const body = guest.body.map((instruction) =>
          isStored(instruction) ? { ...instruction, immediates: [0, status + elsewhere] } : instruction,
        );
        expect(findUnchecked({ ...guest, body }, place)).not.toEqual([]);
      }
    });

    it('would notice a check that is missing', () => {
      const check = (addresses === 'physical' ? GREATER : OTHER)[xlen];
      const isCheck = ({ body }: WasmFunction, at: number): boolean =>
        body[at]!.opcode === check &&
        body[at + 1]?.opcode === Op.if &&
        (addresses === 'physical' ||
          OR.includes(body[at - 1]!.opcode) ||
          body[at - 1]!.opcode === Op.localGet);
      const guest = functionsOf(1).find((each) => each.body.some((_, at) => isCheck(each, at)))!;
      const checks = guest.body.flatMap((_, at) => (isCheck(guest, at) ? [at] : []));
      expect(checks.length).toBeGreaterThan(0);
      const noticed = checks.filter((each) => {
        const body = guest.body.map((instruction, at) =>
          at === each ? { ...instruction, opcode: check - 1 } : instruction,
        );
        return findUnchecked({ ...guest, body }, place).length > 0;
      });
      // Now and then the same address is checked twice.
      expect(noticed.length).toBeGreaterThanOrEqual(checks.length * 0.6);
    });

    it('imports what belongs to one of several harts, in the order in which code knows it, and nothing else', () => {
      const imports = WebAssembly.Module.imports(new WebAssembly.Module(new Uint8Array(moduleOf(1))));
      const globals = imports.filter(({ kind }) => kind === 'global').map(({ name }) => name);
      expect(globals).toEqual(isShared ? BASES.names : []);
      const others = imports.filter(({ kind }) => kind !== 'global').map(({ name }) => name);
      expect(others.sort()).toEqual(addresses === 'virtual' ? ['call', 'memory'] : ['memory', 'table']);
    });

    if (isShared) {
      it('would notice an address that is another’s', () => {
        const guest = functionsOf(1).find(({ body }) => body.some(({ opcode }) => opcode === Op.globalGet))!;
        const bases = guest.body.flatMap(({ opcode }, at) => (opcode === Op.globalGet ? [at] : []));
        for (const each of bases) {
          const [base = 0] = guest.body[each]!.immediates;
          const another = { opcode: Op.globalGet, immediates: [(base + 1) % BASES.names.length] };
          const body = guest.body.map((instruction, at) => (at === each ? another : instruction));
          expect(findUnchecked({ ...guest, body }, place)).not.toEqual([]);
        }
      });
    }
  },
);
