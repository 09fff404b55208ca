import { DEFAULT_COSTS } from '../../../../platform/costs';
import { Engine } from '../../../../hypervisor/engine/engine';
import { Access, Stop } from '../../../../hypervisor/engine/step-contract';
import * as Layout from '../../../../hypervisor/hart/layout';
import { instructionSet } from '../../../../hypervisor/isa/instruction-set';
import { ENTRY_TABLE_SIZE } from '../../../../hypervisor/memory/entry-table';
import { MachineMemory } from '../../../../hypervisor/memory/machine-memory';
import { EAGER_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { type Kind, KINDS, RAM_BASE, UNEVEN_COSTS } from '../single-vm';

/** Interpreted, and what is not looked up in a TLB also with its code translated. */
const ALL_KINDS: readonly (readonly [string, Kind])[] = [
  ...KINDS,
  ...KINDS.filter(([, { translated }]) => !translated).map(
    ([name, kind]) => [`${name}, translated to WebAssembly`, { ...kind, translation: EAGER_POLICY }] as const,
  ),
];

const RAM = 8192;
/** Bytes before RAM that are looked at, too: nothing is there. */
const AROUND = 65536;
const ROUNDS = 150;

/** xorshift32: the same code on every host. */
const randomness = (seed: number) => (): number => {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
};

describe.each(ALL_KINDS)('%s', (_, { xlen, translated, costs, translation = 'never' }) => {
  const rounds = translation === 'never' ? ROUNDS : ROUNDS / 5;

  it('lets no code, however wild, change a byte outside of its own RAM and hart', () => {
    const random = randomness(xlen * 4 + (translated ? 2 : 0) + (costs === UNEVEN_COSTS ? 1 : 0));
    const machine = MachineMemory.create({ vms: [{ ram: RAM }, { ram: RAM }, { ram: RAM }], shared: [4096] });
    const vm = machine.vm(1);
    const others = machine.bytes;
    const own: (readonly [start: number, end: number])[] = [
      [vm.hart(0).block, vm.hart(0).block + Layout.HART_BLOCK_SIZE],
      [vm.ramLinear, vm.ramLinear + RAM],
      [vm.pageFlags, vm.pageFlags + RAM / 4096],
      [vm.records - 64, vm.records + RAM * 4 + 64],
      [vm.codeChanges, vm.codeLines + RAM / 64],
      [vm.hart(0).entries, vm.hart(0).entries + ENTRY_TABLE_SIZE],
    ];
    const { translations } = vm.hart(0);
    const outside = (): Uint8Array => {
      const [blocks, { start, end }] = machine.state;
      const contents = { start: start - AROUND, end };
      const copies = [blocks, contents, machine.derived].map((range) => {
        const copy = others.slice(range.start, range.end);
        for (const [start, end] of own)
          copy.fill(0, Math.max(start - range.start, 0), Math.max(end - range.start, 0));
        return copy;
      });
      return Buffer.concat(copies);
    };
    for (const other of [0, 2])
      machine.bytes.fill(0xa5, machine.vm(other).ramLinear, machine.vm(other).ramLinear + RAM);
    machine.bytes.fill(0x5a, machine.shared(0).linear, machine.shared(0).linear + 4096);
    own.push([translations.dataBank(0), translations.scratch + 4096]);
    const before = outside();

    const answer = () => (random() % 8 === 0 ? Access.attention : Access.done);
    const engine = new Engine({
      xlen,
      vm,
      hart: vm.hart(0),
      costs,
      translation,
      host: { load: answer, store: answer, place, codePage: () => -1, tableStored: () => {} },
    });
    const words = machine.unsignedWords;
    /** A host that answers gives a place that is the VM's. */
    function place(): Access {
      words[(vm.hart(0).block + Layout.ACCESS_DATA) >>> 2] = vm.ramLinear + (random() % (RAM / 8)) * 8;
      return answer();
    }
    /** Pages of all sorts of addresses, all of them in the VM's RAM. */
    const enterPages = (): void => {
      words[(vm.hart(0).block + Layout.DATA_BANK) >>> 2] = translations.dataBank(1);
      words[(vm.hart(0).block + Layout.FETCH_BANK) >>> 2] = translations.fetchBank(1);
      words[(vm.hart(0).block + Layout.FETCH_SIZE) >>> 2] = 0;
      for (let page = -4; page < 8; page++) {
        const [low, high] = [RAM_BASE + page * 4096, random() % 4 === 0 && xlen === 64 ? 0xffff_ffff : 0];
        const offset = (random() % (RAM / 4096)) * 4096;
        translations.enterData(1, low, high, random() % 4 !== 0, random() % 4 !== 0, vm.ramLinear + offset);
        const limit = random() % 2 === 0 ? 0x4000 : 0x3ff8;
        translations.enterFetch(1, low, high, vm.records + 4 * offset, limit);
      }
    };
    const rows = instructionSet(xlen).instructions.filter(({ facts }) => facts.system === undefined);
    const edges = [0, 1, 4, RAM - 4, RAM - 1, RAM, RAM + 4, -4, 0x7fff_ffff, -0x8000_0000];
    let instructions = 0;

    for (let round = 0; round < rounds; round++) {
      for (let at = 0; at < RAM; at += 4) {
        const row = rows[random() % rows.length]!.encoding;
        const isWild = random() % 4 === 0;
        words[(vm.ramLinear + at) >>> 2] = isWild ? random() : (random() & ~row.mask) | row.match;
      }
      vm.codeChanged(RAM_BASE, RAM);
      for (let page = 0; page < RAM / 4096; page++) machine.bytes[vm.pageFlags + page] = (random() & 7) | 1;
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
        if (translated) enterPages();
        const stop = engine.run(translated);
        expect(Object.values(Stop)).toContain(stop);
        instructions += 500 - words[(vm.hart(0).block + Layout.INSTRUCTIONS_LEFT) >>> 2]!;
        expect(words[vm.hart(0).block >>> 2]).toBe(0);
      }
    }
    expect(Buffer.compare(before, outside())).toBe(0);
    expect(instructions).toBeGreaterThan(rounds * 40);
    machine.dispose();
  });
});

it('fuzzes with both cost tables', () => {
  expect(new Set(KINDS.map(([, { costs }]) => costs))).toEqual(new Set([DEFAULT_COSTS, UNEVEN_COSTS]));
});
