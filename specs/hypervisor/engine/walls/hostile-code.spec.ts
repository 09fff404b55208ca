import { DEFAULT_COSTS } from '../../../../platform/costs';
import { Engine } from '../../../../hypervisor/engine/engine';
import { Access, Stop } from '../../../../hypervisor/engine/step-contract';
import * as Layout from '../../../../hypervisor/hart/layout';
import { instructionSet } from '../../../../hypervisor/isa/instruction-set';
import { MachineMemory } from '../../../../hypervisor/memory/machine-memory';
import { KINDS, RAM_BASE, UNEVEN_COSTS } from '../single-vm';

const RAM = 8192;
const ROUNDS = 150;

/** xorshift32: the same code on every host. */
const randomness = (seed: number) => (): number => {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
};

describe.each(KINDS)('%s', (_, { xlen, guarded, costs }) => {
  it('lets no code, however wild, change a byte outside of its own RAM and hart', () => {
    const random = randomness(xlen * 4 + (guarded ? 2 : 0) + (costs === UNEVEN_COSTS ? 1 : 0));
    const machine = MachineMemory.create({ vms: [{ ram: RAM }, { ram: RAM }, { ram: RAM }], shared: [4096] });
    const vm = machine.vm(1);
    const others = machine.bytes;
    const own: readonly (readonly [start: number, end: number])[] = [
      [vm.hart(0).block, vm.hart(0).block + Layout.HART_BLOCK_SIZE],
      [vm.ramLinear, vm.ramLinear + RAM],
      [vm.pageFlags, vm.pageFlags + RAM / 4096],
      [vm.records - 64, vm.records + RAM * 4 + 64],
    ];
    const outside = (): Uint8Array => {
      const copy = others.slice();
      for (const [start, end] of own) copy.fill(0, start, end);
      return copy;
    };
    for (const other of [0, 2])
      machine.bytes.fill(0xa5, machine.vm(other).ramLinear, machine.vm(other).ramLinear + RAM);
    machine.bytes.fill(0x5a, machine.shared(0).linear, machine.shared(0).linear + 4096);
    const before = outside();

    const answer = () => (random() % 8 === 0 ? Access.attention : Access.done);
    const engine = new Engine({
      xlen,
      vm,
      hart: vm.hart(0),
      costs,
      host: { load: answer, store: answer, permit: answer },
    });
    const words = machine.unsignedWords;
    const rows = instructionSet(xlen).instructions.filter(({ facts }) => facts.system === undefined);
    const edges = [0, 1, 4, RAM - 4, RAM - 1, RAM, RAM + 4, -4, 0x7fff_ffff, -0x8000_0000];
    let instructions = 0;

    for (let round = 0; round < ROUNDS; round++) {
      for (let at = 0; at < RAM; at += 4) {
        const row = rows[random() % rows.length]!.encoding;
        const isWild = random() % 4 === 0;
        words[(vm.ramLinear + at) >>> 2] = isWild ? random() : (random() & ~row.mask) | row.match;
      }
      vm.codeChanged(RAM_BASE, RAM);
      for (let page = 0; page < RAM / 4096; page++)
        machine.bytes[vm.pageFlags + page] = (random() & (guarded ? 15 : 1)) | 1;
      for (let run = 0; run < 40; run++) {
        for (let register = 1; register < 32; register++) {
          const at = (vm.hart(0).block + register * (xlen / 8)) >>> 2;
          words[at] = RAM_BASE + edges[random() % edges.length]! + (random() % 3);
          if (xlen === 64) words[at + 1] = random() % 4 === 0 ? random() : 0;
        }
        words[(vm.hart(0).block + Layout.PC) >>> 2] = RAM_BASE + (random() % RAM);
        words[((vm.hart(0).block + Layout.PC) >>> 2) + 1] = xlen === 64 && random() % 16 === 0 ? random() : 0;
        // Mostly on: where floating point is off, programs end soon.
        const isOff = random() % 16 === 0;
        words[(vm.hart(0).block + Layout.FLOAT_CONTROL) >>> 2] = isOff ? 0 : (random() & 0x3ff) | 0x300;
        words[(vm.hart(0).block + Layout.CYCLES_LEFT) >>> 2] = words[
          (vm.hart(0).block + Layout.INSTRUCTIONS_LEFT) >>> 2
        ] = 500;
        const stop = engine.run(guarded);
        expect(Object.values(Stop)).toContain(stop);
        instructions += 500 - words[(vm.hart(0).block + Layout.INSTRUCTIONS_LEFT) >>> 2]!;
        expect(words[vm.hart(0).block >>> 2]).toBe(0);
      }
    }
    expect(Buffer.compare(before, outside())).toBe(0);
    expect(instructions).toBeGreaterThan(ROUNDS * 40);
    machine.dispose();
  });
});

it('fuzzes with both cost tables', () => {
  expect(new Set(KINDS.map(([, { costs }]) => costs))).toEqual(new Set([DEFAULT_COSTS, UNEVEN_COSTS]));
});
