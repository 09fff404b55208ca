/**
 * The table of results: a row for each column, from which schema, writing and reading follow. What one groups by has a
 * column of its own; lists are JSON, which DuckDB and its readers can ask into.
 */
import type { BystanderImpact, Divergence, InjectionResult, PropertyObservation } from '../result';

type Value = string | number | null;

interface Column {
  readonly name: string;
  readonly type: 'BIGINT' | 'DOUBLE' | 'VARCHAR';
  /** What an exported file’s reader is told. */
  readonly means: string;
  of(result: InjectionResult): Value;
}

const column = (
  name: string,
  type: Column['type'],
  means: string,
  of: (result: InjectionResult) => Value,
): Column => ({ name, type, means, of });

/** Not every injection has effects on others or properties; an empty list is stored as nothing. */
const jsonList = (list: readonly unknown[]): string | null =>
  list.length === 0 ? null : JSON.stringify(list);

export const COLUMNS: readonly Column[] = [
  column('injection', 'BIGINT', 'place in the campaign, from 0', ({ index }) => index),
  column('outcome', 'VARCHAR', 'what it led to', ({ outcome }) => outcome),
  column('cause', 'VARCHAR', 'what failures are grouped by', ({ cause }) => cause),
  column('weight', 'DOUBLE', 'faults of the space it stands for', ({ weight }) => weight),
  column('known', 'VARCHAR', 'ran, converged or pruned', ({ known }) => known),
  column('faults', 'VARCHAR', 'the faults as JSON: testvisor replay takes it', ({ faults }) =>
    JSON.stringify(faults),
  ),
  column('model', 'VARCHAR', 'fault model', ({ model }) => model),
  column('vm', 'VARCHAR', 'VM of the fault, or sender of its channel', ({ vm }) => vm),
  column('channel', 'VARCHAR', 'channel of the fault', ({ channel }) => channel),
  column('register', 'VARCHAR', 'register that it changes', ({ register }) => register),
  column('symbol', 'VARCHAR', 'symbol that it changes', ({ symbol }) => symbol),
  column('address', 'BIGINT', 'guest-physical address that it changes', ({ address }) => address),
  column('bit', 'BIGINT', 'lowest bit that it changes', ({ bit }) => bit),
  column('function', 'VARCHAR', 'function in which it fired', (result) => result.function),
  column('instructions', 'BIGINT', 'instructions of the VM before it', ({ instructions }) => instructions),
  column('fired_at', 'DOUBLE', 'virtual nanoseconds', ({ firedAt }) => firedAt),
  column(
    'recovery_time',
    'DOUBLE',
    'virtual nanoseconds until all VMs were at work again',
    (result) => result.recoveryTime,
  ),
  column(
    'diverged_vm',
    'VARCHAR',
    'VM that first left the golden run',
    ({ divergence }) => divergence?.vm ?? null,
  ),
  column('diverged_at', 'DOUBLE', 'virtual nanoseconds', ({ divergence }) => divergence?.at ?? null),
  column('diverged_pc', 'BIGINT', 'address of the instruction', ({ divergence }) => divergence?.pc ?? null),
  column(
    'diverged_function',
    'VARCHAR',
    'guest’s function',
    ({ divergence }) => divergence?.function ?? null,
  ),
  column('diverged_file', 'VARCHAR', 'guest’s source', ({ divergence }) => divergence?.file ?? null),
  column(
    'diverged_line',
    'BIGINT',
    'line of the guest’s source',
    ({ divergence }) => divergence?.line ?? null,
  ),
  column(
    'diverged_instruction',
    'VARCHAR',
    'the instruction',
    ({ divergence }) => divergence?.instruction ?? null,
  ),
  column('diverged_what', 'VARCHAR', 'what differed', ({ divergence }) => divergence?.what ?? null),
  column(
    'diverged_by',
    'VARCHAR',
    'what was compared: each instruction, or events',
    ({ divergence }) => divergence?.by ?? null,
  ),
  column('bystanders', 'VARCHAR', 'what it did to other VMs, as JSON', ({ bystanders }) =>
    jsonList(bystanders),
  ),
  column('properties', 'VARCHAR', 'what guests stated in its run, as JSON', ({ properties }) =>
    jsonList(properties),
  ),
];

/** Names of VMs, symbols and functions are no SQL: they are values. The names above are quoted all the same. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const SCHEMA = COLUMNS.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');

/** A row as the database gives it: whole numbers are big integers. */
export type Row = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;

/** Most rows have one of few lists of properties: each is read once. */
const parsed = new Map<string, unknown>();
const MOST_PARSED = 1000;
function list<T>(value: unknown): readonly T[] {
  const json = text(value);
  if (json === null) return [];
  if (!parsed.has(json)) {
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(json, JSON.parse(json));
  }
  return parsed.get(json) as readonly T[];
}

/** The result that a row was written from. */
export function resultOf(row: Row): InjectionResult {
  return {
    index: number(row['injection']) ?? 0,
    faults: JSON.parse(text(row['faults']) ?? '[]') as InjectionResult['faults'],
    weight: number(row['weight']) ?? 0,
    outcome: text(row['outcome']) as InjectionResult['outcome'],
    cause: text(row['cause']) ?? '',
    firedAt: number(row['fired_at']),
    recoveryTime: number(row['recovery_time']),
    bystanders: list<BystanderImpact>(row['bystanders']),
    divergence: divergenceOf(row),
    known: text(row['known']) as InjectionResult['known'],
    properties: list<PropertyObservation>(row['properties']),
    model: text(row['model']) as InjectionResult['model'],
    vm: text(row['vm']),
    channel: text(row['channel']),
    register: text(row['register']),
    symbol: text(row['symbol']),
    address: number(row['address']),
    bit: number(row['bit']),
    function: text(row['function']),
    instructions: number(row['instructions']),
  };
}

function divergenceOf(row: Row): Divergence | null {
  const vm = text(row['diverged_vm']);
  if (vm === null) return null;
  return {
    vm,
    at: number(row['diverged_at']) ?? 0,
    pc: number(row['diverged_pc']),
    function: text(row['diverged_function']),
    file: text(row['diverged_file']),
    line: number(row['diverged_line']),
    instruction: text(row['diverged_instruction']),
    what: text(row['diverged_what']) ?? '',
    by: text(row['diverged_by']) as Divergence['by'],
  };
}
