/** What of several faults, and of several bits, a failure needs: found by fast-check’s shrinking. */
import type { FaultPlan } from '../faults/fault-plan';
import { specText } from '../faults/fault-text';
import { requireWholeNumber } from '../machine/require-amount';
import type { OpenCampaign } from './contract';
import { fastCheck } from './fast-check';
import type { CampaignHead, InjectionResult } from './result';

export interface MinimizeOptions {
  /** Whether it is still the same failure. Default: the same outcome. */
  readonly isSame?: (found: InjectionResult, result: InjectionResult) => boolean;
  /** Runs that it may take. Default 200. */
  readonly runs?: number;
}

export interface Minimized {
  /** Of the faults that are left. Without any of them, or of their bits, it would be another failure or none. */
  readonly result: InjectionResult;
  /** Runs that it took. */
  readonly runs: number;
  /** Whether that many runs were not enough, so that there may be less. */
  readonly isCutShort: boolean;
  /** A test to paste into a spec. */
  readonly spec: string;
}

const DEFAULT_RUNS = 200;

/**
 * Leaves out faults, and bits of those that change several, as long as the same comes of the rest.
 * @param result of this campaign
 * @throws AuthorError `bad-amount` for runs that are no number of them
 */
export function minimize(
  open: OpenCampaign,
  result: InjectionResult,
  { isSame = (found) => found.outcome === result.outcome, runs: most = DEFAULT_RUNS }: MinimizeOptions = {},
): Minimized {
  requireWholeNumber('minimize({ runs })', most, 1);
  const fc = fastCheck();
  const parts = result.faults.flatMap(partsOf);
  let runs = 0;
  let isCutShort = false;
  let smallest: InjectionResult = result;
  // Each part is there or not: so shrinking goes on until none can be left out by itself.
  const presence = fc.tuple(...parts.map(() => fc.boolean()));
  const property = fc.property(presence, (present) => {
    // The plan as it is has been run.
    if (present.every(Boolean)) return false;
    if (!present.some(Boolean)) return true;
    if (runs >= most) {
      isCutShort = true;
      return true;
    }
    runs++;
    const found = open.replay(joined(parts.filter((_, number) => present[number])));
    if (!isSame(found, result)) return true;
    smallest = { ...found, index: result.index, weight: result.weight };
    return false;
  });
  fc.check(property, { examples: [[parts.map(() => true)]], numRuns: 1 });
  return { result: smallest, runs, isCutShort, spec: testText(open.head, smallest) };
}

/** A part of a fault that can be left out: itself, or one of its bits. */
interface Part {
  readonly fault: FaultPlan;
  readonly bit?: number;
}

function partsOf(fault: FaultPlan): readonly Part[] {
  if (!('bits' in fault) || fault.bits === undefined) return [{ fault }];
  return fault.bits.map((bit) => ({ fault, bit }));
}

function joined(parts: readonly Part[]): readonly FaultPlan[] {
  const bits = new Map<FaultPlan, number[] | undefined>();
  for (const { fault, bit } of parts)
    bits.set(fault, bit === undefined ? undefined : [...(bits.get(fault) ?? []), bit]);
  return [...bits].map(([fault, some]) =>
    some === undefined ? fault : ({ ...fault, bits: some } as FaultPlan),
  );
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;

/** The faults count from where the workload begins, so they are injected there. */
function testText({ name, seed, golden }: CampaignHead, { outcome, cause, faults }: InjectionResult): string {
  const title = [name, outcome, ...(cause === '' ? [] : [cause])].join(': ');
  return [
    `test(${quoted(title)}, async () => {`,
    `  const machine = await boot(system, { seed: ${seed} });`,
    '  // What the campaign prepares comes here.',
    specText(faults).replace(/^/gm, '  '),
    `  await machine.runFor(ns(${golden.duration}));`,
    '});',
  ].join('\n');
}
