import { translate } from '../../../../hypervisor/engine/translator/batch';
import { RegionFinder, type Region } from '../../../../hypervisor/engine/translator/region';
import type { Place } from '../../../../hypervisor/engine/translator/place';
import { Op } from '../../../../hypervisor/engine/wasm/opcodes';
import { DecodeAhead } from '../../../../hypervisor/engine/interpreter/decode-ahead';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, SingleVm, UNEVEN_COSTS } from '../single-vm';
import { readFunctions, type WasmFunction } from '../walls/wasm-function';
import { findUnchecked } from './find-unchecked';
import { CODE, RAM, randomness, writeRandomGuest } from './random-guest';

const PROGRAMS = 30;

describe.each([
  [32, DEFAULT_COSTS],
  [64, DEFAULT_COSTS],
  [32, UNEVEN_COSTS],
  [64, UNEVEN_COSTS],
] as const)('RV%i', (xlen, costs) => {
  const vm = new SingleVm({ xlen, costs, translated: false }, { ram: RAM });
  const { ramBase, ramSize, ramLinear, pageFlags, codeLines, records } = vm.vm;
  const { block, entries } = vm.vm.hart(0);
  const place: Place = {
    ...{ xlen, hart: block, ramBase, ramSize, ramLinear, pageFlags, codeLines, entries },
    costs: costs.instructions,
  };
  const decoder = new DecodeAhead(xlen, vm.vm);

  /** Translated functions of a random guest, from entries all over it. */
  const functionsOf = (seed: number): readonly WasmFunction[] => {
    const floats = seed % 3 === 0 ? 40 : undefined;
    const taste = { jumps: 12, accesses: 50, odd: 1, wild: 30, structured: seed % 2 === 0 };
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
    // The first function is a helper without memory.
    return readFunctions(translate(place, regions).module).functions.slice(1);
  };

  it('has no access without its check', () => {
    let accesses = 0;
    for (let seed = 0; seed < PROGRAMS; seed++) {
      for (const each of functionsOf(seed)) {
        expect(findUnchecked(each, place)).toEqual([]);
        accesses += each.body.filter(({ immediates: [, offset] }) => offset === ramLinear).length;
      }
    }
    expect(accesses).toBeGreaterThan(1000);
  });

  it('would notice a check that is missing', () => {
    const gtU = xlen === 32 ? 0x4b : 0x56;
    const guest = functionsOf(1).find(({ body }) => body.some(({ opcode }) => opcode === gtU))!;
    const checks = guest.body.flatMap(({ opcode }, at) =>
      opcode === gtU && guest.body[at + 1]!.opcode === Op.if ? [at] : [],
    );
    expect(checks.length).toBeGreaterThan(0);
    for (const check of checks) {
      const body = guest.body.map((instruction, at) =>
        at === check ? { ...instruction, opcode: gtU - 1 } : instruction,
      );
      expect(findUnchecked({ ...guest, body }, place)).not.toEqual([]);
    }
  });
});
