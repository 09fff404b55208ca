import fc from 'fast-check';
import { DecodeAhead } from '../../../hypervisor/engine/interpreter/decode-ahead';
import { MachineMemory } from '../../../hypervisor/memory/machine-memory';
import { RECORD_SCALE } from '../../../hypervisor/memory/records';

const RAM = 3 * 4096;
const LINE = 64;
const STORED = 8;
const PAGE_HAS_CODE = 1;
/** Where RAM begins and ends, and where pages meet. */
const offset = fc.oneof(
  fc.integer({ min: 0, max: 80 }),
  fc.integer({ min: 4096 - 80, max: 4096 + 80 }),
  fc.integer({ min: RAM - 80, max: RAM - 1 }),
);

/** Memory full of instructions of both lengths, and what was decoded of it. */
class Code {
  readonly machine = MachineMemory.create({ vms: [{ ram: RAM }] });
  readonly vm = this.machine.vm(0);
  readonly #decoder = new DecodeAhead(32, this.vm);

  constructor(lengths: readonly boolean[]) {
    const halfwords = new Uint16Array(this.machine.bytes.buffer, this.vm.ramLinear, RAM / 2);
    // c.jr: decoding ends here. Or the beginning of `jal`, which ends it, too, four bytes long.
    halfwords.forEach((_, at) => (halfwords[at] = lengths[at % lengths.length]! ? 0x006f : 0x8082));
  }

  decode(at: number): void {
    this.#decoder.decode(this.vm.records + at * RECORD_SCALE, true);
  }

  isDecoded(at: number): boolean {
    const record = this.vm.records + at * RECORD_SCALE;
    return at >= 0 && at < RAM && (this.machine.bytes[record]! | this.machine.bytes[record + 1]!) !== 0;
  }

  lengthAt(at: number): number {
    return (this.machine.bytes[this.vm.ramLinear + at]! & 3) === 3 ? 4 : 2;
  }

  isMarked(line: number): boolean {
    return this.machine.bytes[this.vm.codeLines + line] !== 0;
  }

  hasCodeFlag(page: number): boolean {
    return (this.machine.bytes[this.vm.pageFlags + page]! & PAGE_HAS_CODE) !== 0;
  }

  /** Lines in which a store may begin that hits a decoded instruction. */
  linesInReach(): ReadonlySet<number> {
    const lines = new Set<number>();
    for (let at = 0; at < RAM; at += 2) {
      if (!this.isDecoded(at)) continue;
      for (let first = at - STORED + 1; first < at + this.lengthAt(at); first++)
        if (first >= 0 && first < RAM) lines.add(Math.floor(first / LINE));
    }
    return lines;
  }
}

const changes = fc.array(
  fc.oneof(
    offset.map((at) => ({ is: 'decode', at: at & -2 }) as const),
    fc.record({ is: fc.constant('store'), at: offset, size: fc.integer({ min: 1, max: 40 }) }),
  ),
  { maxLength: 40 },
);

it('lines are marked as long as a store in them may hit a decoded instruction, and no longer', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }), changes, (lengths, all) => {
      const code = new Code(lengths);
      for (const change of all) {
        if (change.is === 'decode') code.decode(change.at);
        else code.vm.codeChanged(code.vm.ramBase + change.at, change.size);
      }
      const inReach = code.linesInReach();
      const lines = Array.from({ length: RAM / LINE }, (_, line) => line);
      const isNear = (line: number): boolean => {
        for (let at = line * LINE - 2; at < (line + 1) * LINE + STORED; at += 2)
          if (code.isDecoded(at)) return true;
        return false;
      };
      const isKnown = (line: number): boolean =>
        code.isMarked(line) && code.hasCodeFlag(Math.floor((line * LINE) / 4096));
      expect([...inReach].filter((line) => !isKnown(line))).toEqual([]);
      expect(lines.filter((line) => code.isMarked(line) && !isNear(line))).toEqual([]);
      code.machine.dispose();
    }),
    { numRuns: 300 },
  );
});

it('a page that a guest ran into is data again when its machine returns to a snapshot', () => {
  const code = new Code([false, true, true]);
  const state = code.machine.saveState();
  code.decode(4096 + 100);
  code.decode(0);
  code.machine.bytes[code.vm.ramLinear + 4096]! ^= 1;
  code.machine.restoreState(state);
  expect(code.hasCodeFlag(1)).toBe(false);
  expect(code.isMarked((4096 + 100) >> 6)).toBe(false);
  // What is the same stays decoded.
  expect(code.isDecoded(0)).toBe(true);
  expect(code.isMarked(0)).toBe(true);
  const records = code.vm.records + 4096 * RECORD_SCALE;
  // Memories are cleared by their flags when another machine gets them.
  expect(
    code.machine.bytes.subarray(records, records + 4096 * RECORD_SCALE).every((byte) => byte === 0),
  ).toBe(true);
  code.machine.dispose();
});

it('a page stays code for the sake of an instruction right behind its end', () => {
  const code = new Code([false]);
  const state = code.machine.saveState();
  code.decode(4096);
  code.machine.bytes[code.vm.ramLinear]! ^= 1;
  code.machine.restoreState(state);
  expect(code.hasCodeFlag(0)).toBe(true);
  expect(code.isMarked(4095 >> 6)).toBe(true);
  code.machine.dispose();
});
