import { generateInterpreter } from '../../../../hypervisor/engine/interpreter/generate';
import { Op } from '../../../../hypervisor/engine/wasm/opcodes';
import * as Layout from '../../../../hypervisor/hart/layout';
import { ENTRY_COUNT } from '../../../../hypervisor/memory/translation-banks';
import { KINDS } from '../single-vm';
import { findAccesses, isEntry, type MemoryAccess } from './find-accesses';
import { readFunctions, type WasmFunction } from './wasm-function';

/** The loop is the last function of the module. */
const loopOf = (module: Uint8Array): WasmFunction => readFunctions(module).functions.at(-1)!;

/** A record, by the entry of its page in the TLB. */
const RECORD = new RegExp(
  `^add\\(load4@8\\(add\\(and\\(shrU\\(.*, 8\\), ${(ENTRY_COUNT - 1) << 4}\\), field${Layout.FETCH_BANK}\\)\\), shl\\(.*, 2\\)\\)$`,
);
const FLAGS = /^add\(shrU\(guest\[\d+\]r?, 12\), sub\(field576, shrU\(field572, 12\)\)\)$/;
const PLACED_FLAGS = /^add\(shrU\(field624, 12\), sub\(field576, shrU\(field572, 12\)\)\)$/;

/** What the loop may touch: the hart's block and TLB, records and page flags; RAM as far as it has checked. */
function isAllowed({ addresses, size, isStore }: MemoryAccess): boolean {
  return addresses.every((address) => {
    const guest = /^guest\[(\d+)\](r?)$/.exec(address);
    if (guest !== null) return Number(guest[1]) >= size && !(isStore && guest[2] === 'r');
    // A field of the hart, or of its registers, at an index that the decoder wrote.
    if (address === 'parameter0' || /^add\(parameter0, \d+\)$/.test(address)) return true;
    if (/^add\(shl\(load[14]\(unknown\d+\), [23]\), parameter0\)$/.test(address)) return true;
    if (/^add\(shl\(load[14]\(add\(unknown\d+, \d+\)\), [23]\), parameter0\)$/.test(address)) return true;
    // What the host has looked up for an atomic.
    if (address === `field${Layout.ACCESS_DATA}`) return true;
    if (!isStore && (isEntry(address) || RECORD.test(address))) return true;
    // A record, or the flags of a page.
    return /^unknown\d+$/.test(address) || FLAGS.test(address) || PLACED_FLAGS.test(address);
  });
}

describe.each(KINDS)('%s', (_, { xlen, translated, costs }) => {
  const module = generateInterpreter({ xlen, translated, costs: costs.instructions });
  const accesses = findAccesses(loopOf(module));
  const toGuests = accesses.filter(({ addresses }) =>
    addresses.some((address) => address.startsWith('guest')),
  );

  it('checks the range of every access to RAM', () => {
    expect(accesses.filter((access) => !isAllowed(access))).toEqual([]);
  });

  it('touches nothing but the hart on its way into translated code and back', () => {
    const around = translated ? findAccesses(readFunctions(module).functions.at(-2)!) : [];
    expect(around.filter(({ addresses }) => addresses.some((address) => address !== 'parameter0'))).toEqual(
      [],
    );
    expect(around.length > 0).toBe(translated);
  });

  it('takes one local only, the record, for an address as it is', () => {
    const bases = accesses.flatMap(({ addresses }) =>
      addresses.filter((address) => /^unknown\d+$/.test(address)),
    );
    expect(new Set(bases).size).toBe(1);
  });

  it('has accesses to RAM of every size, both ways', () => {
    for (const size of [1, 2, 4, 8]) {
      for (const isStore of [false, true]) {
        expect(toGuests.some((access) => access.size === size && access.isStore === isStore)).toBe(true);
      }
    }
  });

  it('would notice a missing check', () => {
    const loop = loopOf(module);
    // Turn each comparison with the window's end, or with the tag, into one that says nothing, one after the other.
    const [gtU, ne, eq, or] = xlen === 32 ? [0x4b, 0x47, 0x46, 0x72] : [0x56, 0x52, 0x51, 0x84];
    const isCheck = (at: number, opcode: number): boolean =>
      translated ? opcode === ne && loop.body[at - 1]?.opcode === or : opcode === gtU;
    const checks = loop.body.flatMap(({ opcode }, at) =>
      isCheck(at, opcode) && loop.body[at + 1]!.opcode === Op.if ? [at] : [],
    );
    expect(checks.length).toBeGreaterThan(10);
    for (const at of [checks[0]!, checks[Math.floor(checks.length / 2)]!, checks.at(-1)!]) {
      const body = loop.body.map((instruction, index) =>
        index === at ? { ...instruction, opcode: eq } : instruction,
      );
      expect(findAccesses({ ...loop, body }).every(isAllowed)).toBe(false);
    }
  });
});
