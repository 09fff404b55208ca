/** What VMs did in one run, beside what they did in the golden run. */
import { isDeepStrictEqual } from 'node:util';
import type { TraceEvent } from '../../../hypervisor';
import type { System } from '../../../platform/system';
import type { BystanderImpact } from '../result';

/** Events that say what a VM does, as opposed to when it has a core, and to what is done to it. */
const DEEDS: ReadonlySet<TraceEvent['kind']> = new Set([
  'message-sent',
  'message-received',
  'reply-sent',
  'reply-received',
  'frame-sent',
  'frame-received',
  'console',
  'mark',
  'counter',
  'span-begin',
  'span-end',
  'property',
  'completed',
  'hypercall-denied',
]);

const ENDINGS: ReadonlySet<TraceEvent['kind']> = new Set(['vm-crashed', 'vm-halted', 'vm-restarting']);

export const isDeed = ({ kind }: TraceEvent): boolean => DEEDS.has(kind);

export const vmOf = (event: TraceEvent): string | null => ('vm' in event ? event.vm : null);

/** The same but for the time, and for which injected fault it was. */
export function isSameDeed(one: TraceEvent, other: TraceEvent): boolean {
  if (one.kind !== other.kind) return false;
  const { at: _, injected: __, ...what } = one;
  const { at: ___, injected: ____, ...otherWhat } = other;
  return isDeepStrictEqual(what, otherWhat);
}

/** The events of a run since the fault's checkpoint, and until when they are known. */
export interface Stretch {
  readonly events: readonly TraceEvent[];
  readonly end: number;
}

/** The first deed of any VM that is not the golden run's, or not at its time. */
export function firstDifference(
  golden: Stretch,
  run: Stretch,
): { readonly expected: TraceEvent | undefined; readonly found: TraceEvent | undefined } | undefined {
  const [expected, found] = [golden, run].map(({ events }) => events.filter(isDeed)) as [
    TraceEvent[],
    TraceEvent[],
  ];
  for (let at = 0; at < Math.max(expected.length, found.length); at++) {
    const [one, other] = [expected[at], found[at]];
    if (one !== undefined && other !== undefined && one.at === other.at && isSameDeed(one, other)) continue;
    // Nothing is known of what would have come after the end of either run.
    if (other === undefined && one!.at > run.end) return undefined;
    if (one === undefined && other!.at > golden.end) return undefined;
    return { expected: one, found: other };
  }
  return undefined;
}

const NOBODY: readonly BystanderImpact[] = [];

/** What the fault did to the VMs that it was not in, those to which nothing happened left out. */
export function bystanders(
  system: System,
  faulty: ReadonlySet<string>,
  golden: Stretch,
  run: Stretch,
): readonly BystanderImpact[] {
  if (system.vms.every(({ name }) => faulty.has(name))) return NOBODY;
  const reachable = reachableFrom(system, faulty);
  const end = Math.min(golden.end, run.end);
  return system.vms.flatMap(({ name }): readonly BystanderImpact[] => {
    if (faulty.has(name)) return [];
    const of = ({ events }: Stretch, isWanted: (event: TraceEvent) => boolean): readonly TraceEvent[] =>
      events.filter((event) => event.at <= end && vmOf(event) === name && isWanted(event));
    const missed = (stretch: Stretch): number => of(stretch, ({ kind }) => kind === 'deadline-missed').length;
    const ended = (stretch: Stretch): number => of(stretch, ({ kind }) => ENDINGS.has(kind)).length;
    const [expected, found] = [of(golden, isDeed), of(run, isDeed)];
    const common = Math.min(expected.length, found.length);
    let lateBy = 0;
    let isDifferent = false;
    for (let at = 0; at < common && !isDifferent; at++) {
      isDifferent = !isSameDeed(expected[at]!, found[at]!);
      lateBy = Math.max(lateBy, Math.abs(found[at]!.at - expected[at]!.at));
    }
    // What is missing at the end is late so far.
    if (!isDifferent && expected.length !== found.length)
      lateBy = Math.max(lateBy, end - (expected[common] ?? found[common])!.at);
    const missedDeadlines = Math.max(0, missed(run) - missed(golden));
    const isReachable = reachable.has(name);
    const base = { vm: name, lateBy, missedDeadlines, isReachable };
    if (ended(run) > ended(golden)) return [{ ...base, impact: 'crashed' as const }];
    if (isDifferent) return [{ ...base, impact: 'different' as const }];
    return lateBy > 0 || missedDeadlines > 0 ? [{ ...base, impact: 'late' as const }] : [];
  });
}

/**
 * The VMs to which something leads from these. A channel leads both ways: a receiver that does not receive is felt by its
 * sender, a lock that is not released by everybody.
 */
function reachableFrom(system: System, faulty: ReadonlySet<string>): ReadonlySet<string> {
  const groups = [
    ...system.channels.map(({ from, to }) => [from, ...to]),
    ...system.networks.map((_, number) =>
      system.vms
        .filter(({ nics }) => nics.some(({ network }) => network === system.networks[number]!.name))
        .map(({ name }) => name),
    ),
  ].map((group) => group.filter((name) => name !== 'test'));
  // Whoever may decide about others reaches them.
  for (const { name, authorityOver, debugs } of system.vms) groups.push([name, ...authorityOver, ...debugs]);
  const reached = new Set(faulty);
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    for (const group of groups)
      if (group.some((name) => reached.has(name))) for (const name of group) reached.add(name);
  }
  return reached;
}
