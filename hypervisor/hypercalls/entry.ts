/** Every hypercall with what carries it out, by the numbers that a guest calls it by. */
import { EXTENSIONS, HYPERCALLS, type ExtensionName, type Hypercall } from '../../platform/hypercalls';
import { HypervisorBug } from '../bug';
import { base } from './base';
import { channel } from './channel';
import { checksOf } from './check';
import { clock } from './clock';
import { dbcn } from './dbcn';
import { debug } from './debug';
import type { Handler, HandlerGroup } from './handler';
import { health } from './health';
import { hsm } from './hsm';
import { ipi } from './ipi';
import { type Parameters, parametersOf } from './parameters';
import { partition } from './partition';
import { rfence } from './rfence';
import { schedule } from './schedule';
import { srst } from './srst';
import { time } from './time';
import { trace } from './trace';
import { update } from './update';

const GROUPS: Readonly<Record<ExtensionName, HandlerGroup>> = {
  base,
  time,
  ipi,
  rfence,
  hsm,
  srst,
  dbcn,
  partition,
  channel,
  health,
  clock,
  trace,
  update,
  debug,
  schedule,
};

/** A row of the table, and all that can be found out of it before anybody calls. */
export interface Entry {
  readonly row: Hypercall;
  /** For records: `channel.queueSend`. */
  readonly name: string;
  readonly handler: Handler;
  readonly checks: ReturnType<typeof checksOf>;
  /** For callers whose registers have 32 bits, and 64. */
  readonly parameters: readonly [Parameters, Parameters];
}

type Functions = readonly (Entry | undefined)[];

/** By extension, then by function. */
const ENTRIES = buildEntries();
const NO_FUNCTIONS: Functions = [];
/** What was asked for last, as it mostly is again: to compare is sooner done than to look up. */
let last: { readonly extension: number; readonly functions: Functions } = {
  extension: -1,
  functions: NO_FUNCTIONS,
};

/** The hypercalls of an extension, by function. */
export function functionsOf(extension: number): Functions {
  if (last.extension !== extension) last = { extension, functions: ENTRIES.get(extension) ?? NO_FUNCTIONS };
  return last.functions;
}

/** Pairs every row of the table with its handler. Throws when one is without the other. */
function buildEntries(): ReadonlyMap<number, Functions> {
  const entries = new Map<number, Entry[]>();
  for (const row of HYPERCALLS) {
    const handler = GROUPS[row.extension][row.name];
    if (handler === undefined) throw new HypervisorBug(`no handler for ${row.extension}.${row.name}`);
    const number = EXTENSIONS[row.extension];
    const functions = entries.get(number) ?? [];
    functions[row.function] = {
      row,
      name: `${row.extension}.${row.name}`,
      handler,
      checks: checksOf(row),
      parameters: [parametersOf(row, 32), parametersOf(row, 64)],
    };
    entries.set(number, functions);
  }
  for (const [extension, group] of Object.entries(GROUPS)) {
    for (const name of Object.keys(group)) {
      if (!HYPERCALLS.some((row) => row.extension === extension && row.name === name)) {
        throw new HypervisorBug(`the handler ${extension}.${name} is not in the hypercall table`);
      }
    }
  }
  return entries;
}
