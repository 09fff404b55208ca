/**
 * What holds for every row of the hypercall table: a wrong argument is refused with the documented error, changes
 * nothing, and is recorded. All cases are derived from the table, so a new row is covered by being there.
 */
import fc from 'fast-check';
import { EXTENSIONS, HYPERCALLS, type Hypercall, type HypercallArgument } from '../../../platform/hypercalls';
import { sizeOf } from '../../../hypervisor/hypercalls/check';
import {
  FakeCaller,
  FOREIGN_REGION,
  INPUT,
  OUTPUT,
  RAM,
  READ_REGION,
  rowOf,
  STATUS,
  type Xlen,
  errorOf,
} from './fake-caller';

const XLENS: readonly Xlen[] = [32, 64];
const nameOf = (row: Hypercall): string => `${row.extension}.${row.name}`;
const END = RAM.base + RAM.size;
const OTHER_VM = 1;

/** A value for every argument that is in order by its type. */
function sound(row: Hypercall, caller: FakeCaller): (number | bigint)[] {
  caller.authority = [OTHER_VM];
  caller.give('a name');
  return row.args.map(({ type, name }, index) => {
    const before = row.args[index - 1]?.type.is;
    if (before === 'in' || before === 'in-out') return 6;
    if (before === 'out' || row.args[index - 2]?.type.is === 'in-out') return 16;
    if (type.is === 'in') return INPUT;
    if (type.is === 'in-out') return OUTPUT;
    if (type.is === 'out') return OUTPUT;
    if (type.is === 'out-struct') return STATUS;
    if (type.is === 'vm') return OTHER_VM;
    return name === 'addressLow' ? INPUT : 0;
  });
}

interface Case {
  readonly row: Hypercall;
  readonly xlen: Xlen;
  readonly label: string;
  readonly change: (args: (number | bigint)[]) => void;
  readonly expected: string;
  readonly prepare?: (caller: FakeCaller) => void;
}

const rowsWith = (type: HypercallArgument['type']['is']): readonly (readonly [Hypercall, number])[] =>
  HYPERCALLS.flatMap((row) =>
    row.args.flatMap((argument, index) => (argument.type.is === type ? [[row, index] as const] : [])),
  );

const WILD = [
  0,
  1,
  0x1000_0000,
  FOREIGN_REGION,
  RAM.base - 1,
  END,
  0xffff_fff8,
  0xffff_ffff_ffff_fff8n,
  0x8000_0000_0000_0000n,
];

/** Every way in which an argument of a row can be wrong by its type. */
function* wrongCases(): Generator<Case> {
  for (const xlen of XLENS) {
    for (const type of ['in', 'out', 'in-out', 'out-struct'] as const) {
      for (const [row, at] of rowsWith(type)) {
        const expected = 'invalid-address';
        const argument = row.args[at]!;
        const size = argument.type.is === 'out-struct' ? sizeOf(argument.type.struct) : 6;
        for (const wild of type === 'in' ? WILD : [...WILD, READ_REGION]) {
          const label = `${argument.name} at 0x${wild.toString(16)}`;
          yield { row, xlen, label, expected, change: (args) => void (args[at] = wild) };
        }
        // The caller's capacity is more than what it passes.
        const past = END - (type === 'in-out' ? 16 : size) + 1;
        yield {
          row,
          xlen,
          label: `${argument.name} one byte past RAM`,
          expected,
          change: (args) => void (args[at] = past),
        };
        if (type === 'out-struct') continue;
        for (const length of [RAM.size, 0x7fff_ffff, 0xffff_ffff, -1])
          for (const place of type === 'in-out' ? [1, 2] : [1]) {
            const label = `${argument.name} with length ${length} in argument ${place}`;
            yield { row, xlen, label, expected, change: (args) => void (args[at + place] = length) };
          }
      }
    }
    for (const [row, at] of rowsWith('port')) {
      for (const port of [10, 99, 0x7fff_ffff, -1, 0x1_0000_0000]) {
        // What RV32 cannot pass.
        if (xlen === 32 && port > 0xffff_ffff) continue;
        const change = (args: (number | bigint)[]): void => void (args[at] = port);
        yield { row, xlen, label: `port ${port}`, expected: 'invalid-parameter', change };
      }
    }
    for (const [row, at] of rowsWith('vm')) {
      const expected = 'invalid-parameter';
      yield { row, xlen, label: 'VM 4 of 4', expected, change: (args) => void (args[at] = 4) };
      yield { row, xlen, label: 'VM −1', expected, change: (args) => void (args[at] = -1) };
      if (row.callers === 'any') continue;
      const prepare = (caller: FakeCaller): void => void (caller.authority = []);
      yield { row, xlen, label: 'without authority', expected: 'denied', change: () => {}, prepare };
      yield {
        row,
        xlen,
        label: 'itself, without authority',
        expected: 'denied',
        change: (args) => void (args[at] = 0),
        prepare,
      };
    }
  }
}

const CASES = new Map<string, Case[]>();
for (const one of wrongCases()) {
  const title = `${nameOf(one.row)} on RV${one.xlen}`;
  CASES.set(title, [...(CASES.get(title) ?? []), one]);
}

test.each([...CASES])('%s refuses what is wrong with its arguments, and changes nothing', (_, cases) => {
  for (const { row, xlen, label, change, expected, prepare } of cases) {
    const caller = new FakeCaller(xlen);
    const args = sound(row, caller);
    change(args);
    prepare?.(caller);
    caller.load(row, args);
    const before = caller.everything;
    expect([label, errorOf(caller.dispatch())]).toEqual([label, expected]);
    expect([label, caller.everything]).toEqual([label, before]);
    expect(caller.denied).toEqual([`train ${nameOf(row)} ${expected}`]);
  }
});

/** The channels that each row with a port works at, found out by trying. */
function accepted(row: Hypercall, xlen: Xlen): Record<string, string> {
  const names = new FakeCaller(xlen).ports.map(({ name }) => name);
  return Object.fromEntries(
    names.map((name) => {
      const caller = new FakeCaller(xlen);
      const args = sound(row, caller);
      args[row.args.findIndex(({ type }) => type.is === 'port')] = caller.port(name);
      caller.load(row, args);
      const before = caller.everything;
      const error = errorOf(caller.dispatch());
      if (error === 'invalid-parameter' || error === 'denied') expect(caller.everything).toEqual(before);
      return [name, error];
    }),
  );
}

describe.each(rowsWith('port').map(([row]) => [nameOf(row), row] as const))('%s', (_, row) => {
  test.each(XLENS)('works at one kind of channel, and at the right end only (RV%i)', (xlen) => {
    const outcomes = accepted(row, xlen);
    const isWrongKind = (name: string): boolean => outcomes[name] === 'invalid-parameter';
    const kinds = ['queue', 'sampling', 'signal', 'shared', 'rpc'].filter(
      (kind) => !isWrongKind(`${kind}-in`) || !isWrongKind(`${kind}-out`),
    );
    expect(kinds).toHaveLength(1);
    const ends = ['in', 'out'].filter((direction) => outcomes[`${kinds[0]}-${direction}`] !== 'denied');
    // A row that documents `denied` is for one end.
    expect(ends).toHaveLength(row.errors.includes('denied') ? 1 : 2);
  });
});

test('every row documents the errors that its arguments’ types can give', () => {
  for (const row of HYPERCALLS) {
    const needed = row.args.flatMap(({ type }) => {
      if (type.is === 'word' || type.is === 'u64') return [];
      if (type.is === 'port') return ['invalid-parameter'];
      if (type.is === 'vm')
        return row.callers !== 'any' ? ['invalid-parameter', 'denied'] : ['invalid-parameter'];
      return ['invalid-address'];
    });
    expect([nameOf(row), row.errors]).toEqual([nameOf(row), expect.arrayContaining(needed)]);
  }
});

test.each(XLENS)('no registers whatever harm anybody or give an undocumented error (RV%i)', (xlen) => {
  const register = fc.oneof(
    fc.nat(12).map(BigInt),
    fc.constantFrom(...WILD, INPUT, OUTPUT, STATUS, READ_REGION).map(BigInt),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  );
  const registers = fc.array(register, { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...HYPERCALLS), registers), { maxLength: 20 }), (calls) => {
      const caller = new FakeCaller(xlen);
      caller.authority = [OTHER_VM];
      for (const [row, values] of calls) {
        caller.load(row, []);
        values.forEach((value, index) => (caller.hart.registers[10 + index] = BigInt.asUintN(xlen, value)));
        const decision = caller.dispatch();
        expect(decision.cost).toBeGreaterThanOrEqual(caller.costs.hypercall + row.cost);
        if (decision.is === 'wait' && 'deadline' in decision.wait) {
          expect(decision.wait.deadline).toBeGreaterThan(caller.cycles());
          caller.resume(decision.wait, true);
        } else if (decision.is === 'wait') caller.resume(decision.wait);
      }
    }),
    { numRuns: 300 },
  );
});

describe('what is not in the table', () => {
  const unknown = [
    ['a legacy extension', 0, 0],
    ['an unknown extension', 0x1234_5678, 0],
    ['an unknown function', EXTENSIONS.base, 99],
    ['an extension with high bits set', 0x1_0000_0000 + EXTENSIONS.base, 0],
  ] as const;
  test.each(unknown)('%s is not supported', (_, extension, number) => {
    const caller = new FakeCaller(64);
    caller.load(rowOf('base', 'getSpecVersion'), []);
    caller.hart.registers[17] = BigInt(extension);
    caller.hart.registers[16] = BigInt(number);
    expect(errorOf(caller.dispatch())).toBe('not-supported');
    expect(caller.denied).toEqual([
      `train 0x${extension.toString(16)}.0x${number.toString(16)} not-supported`,
    ]);
  });
});
