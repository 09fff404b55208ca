import { generateInterpreter } from '../../../../hypervisor/engine/interpreter/generate';
import { Op } from '../../../../hypervisor/engine/wasm/opcodes';
import { KINDS } from '../single-vm';
import { findAccesses, type MemoryAccess } from './find-accesses';
import { readFunctions, type WasmFunction } from './wasm-function';

/** The loop is the last function of the module. */
const loopOf = (module: Uint8Array): WasmFunction => readFunctions(module).functions.at(-1)!;

/** What the loop may touch: the hart's block, records and page flags; RAM as far as it has checked. */
function isAllowed({ addresses, size }: MemoryAccess): boolean {
  return addresses.every((address) => {
    const guest = /^guest\[(\d+)\]$/.exec(address);
    if (guest !== null) return Number(guest[1]) >= size;
    // A field of the hart, or of its registers, at an index that the decoder wrote.
    if (address === 'parameter0' || /^add\(parameter0, \d+\)$/.test(address)) return true;
    if (/^add\(shl\(load[14]\(unknown\d+\), [23]\), parameter0\)$/.test(address)) return true;
    if (/^add\(shl\(load[14]\(add\(unknown\d+, \d+\)\), [23]\), parameter0\)$/.test(address)) return true;
    // A record, or the flags of the page of an offset.
    return /^unknown\d+$/.test(address) || /^add\(shrU\(.*, 12\), field576\)$/.test(address);
  });
}

describe.each(KINDS)('%s', (_, { xlen, guarded, costs }) => {
  const module = generateInterpreter({ xlen, guarded, costs: costs.instructions });
  const accesses = findAccesses(loopOf(module));
  const toGuests = accesses.filter(({ addresses }) =>
    addresses.some((address) => address.startsWith('guest')),
  );

  it('checks the range of every access to RAM', () => {
    expect(accesses.filter((access) => !isAllowed(access))).toEqual([]);
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
    // Turn each comparison with the window's end into one that says nothing, one after the other.
    const gtU = xlen === 32 ? 0x4b : 0x56;
    const eq = xlen === 32 ? 0x46 : 0x51;
    const checks = loop.body.flatMap(({ opcode }, at) =>
      opcode === gtU && loop.body[at + 1]!.opcode === Op.if ? [at] : [],
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
