/**
 * One injection: from the last checkpoint before the fault to the end of the workload, or to where the run is the golden
 * run again.
 */
import { hasSameRegisters, type TraceEvent } from '../../../hypervisor';
import type { FaultPlan } from '../../faults/fault-plan';
import type { FaultyMachine } from '../../faults/faulty-machine';
import { resolveFault } from '../../faults/resolve-fault';
import { type Outcome, OUTCOMES } from '../outcomes';
import { observationsOf } from '../properties';
import type { FaultPlace, InjectionResult } from '../result';
import type { SpaceFault } from '../space';
import { classify, type Evidence, noticesByMark } from './classify';
import { bystanders, isDeed, isSameDeed, type Stretch, vmOf } from './comparison';
import { Divergences } from './divergence';
import type { Checkpoint, GoldenRecord } from './golden-run';
import type { WorkloadRun } from './workload-run';

/** What an injection may leave out. */
export interface PilotOptions {
  readonly earlyStop: boolean;
  /** Faults of which it is known without a run that nobody sees them are not injected. */
  readonly prunes: boolean;
}

/** What is found out by an injection, apart from which it was. */
type Findings = Omit<InjectionResult, keyof FaultPlace | 'index' | 'faults' | 'weight'>;

export class Pilot {
  readonly #golden: GoldenRecord;
  readonly #options: PilotOptions;
  /** The machine as it is where the workload begins, since faults count from there. */
  readonly #start: FaultyMachine;
  readonly #divergences: Divergences;

  constructor(golden: GoldenRecord, options: PilotOptions) {
    this.#golden = golden;
    this.#options = options;
    this.#start = golden.origin;
    this.#divergences = new Divergences(golden);
  }

  /** @param isLookedAt whether a failure is looked at instruction by instruction, which takes longer than itself */
  run(fault: SpaceFault, index: number, isLookedAt: boolean): InjectionResult {
    try {
      if (this.#options.prunes && fault.known !== undefined)
        return this.#resultOf(fault, index, this.#known(fault.known));
      return this.#resultOf(fault, index, this.#inject(fault, isLookedAt));
    } catch (error) {
      // Whatever it was, the campaign goes on with the next.
      return this.failed(fault, index, reasonText(error));
    }
  }

  /** What is recorded of an injection that could not be carried out. */
  failed(fault: SpaceFault, index: number, cause: string): InjectionResult {
    return this.#resultOf(fault, index, nothing({ outcome: 'harness-error', cause }));
  }

  /** Written out: what is put together of parts costs a campaign of millions more time and memory than what it is made of. */
  #resultOf({ faults, weight, place, pc }: SpaceFault, index: number, found: Findings): InjectionResult {
    return {
      index,
      faults,
      weight,
      model: faults[0]!.model,
      vm: place.vm,
      channel: place.channel,
      register: place.register,
      symbol: place.symbol,
      address: place.address,
      bit: place.bit,
      instructions: place.instructions,
      function: this.#divergences.functionAt(place.vm, pc),
      outcome: found.outcome,
      cause: found.cause,
      firedAt: found.firedAt,
      recoveryTime: found.recoveryTime,
      bystanders: found.bystanders,
      divergence: found.divergence,
      known: found.known,
      properties: found.properties,
    };
  }

  #known(known: 'dead' | 'latent'): Findings {
    const { properties } = this.#golden.summary;
    return nothing({ outcome: `masked-${known}`, known: 'pruned', properties });
  }

  #inject(fault: SpaceFault, isLookedAt: boolean): Findings {
    const golden = this.#golden;
    const { machine, test } = golden;
    const checkpoint = this.#checkpointFor(fault.faults);
    const { run, ids } = this.#begin(checkpoint, fault.faults);
    const expected = this.#stretchFrom(checkpoint);
    const found = (): Stretch => ({ events: machine.trace.since(checkpoint.events), end: machine.now });
    const firedAt = (): number | undefined => {
      let first = Infinity;
      for (const id of ids) {
        const status = machine.faultStatus(id);
        if (status.is === 'fired') first = Math.min(first, status.at);
      }
      return first === Infinity ? undefined : first;
    };
    const isOver = (): boolean => ids.every((id) => machine.faultStatus(id).is !== 'armed');

    if (this.#options.earlyStop) {
      for (const next of looks(golden.checkpoints, checkpoint, isOver)) {
        if (run.to(next.at) !== 'going on') break;
        if (!isOver()) continue;
        const outcome = this.#convergence(next, fault.faults);
        if (outcome === undefined || !isSameSoFar(expected, found())) continue;
        const properties = observationsOf(
          golden.events.slice(0, checkpoint.events - golden.start.events),
          found().events,
          golden.events.slice(next.events - golden.start.events),
        );
        return nothing({ outcome, firedAt: firedAt() ?? null, known: 'converged', properties });
      }
    }
    const progress = run.toEnd();
    const stretch = found();
    const fired = firedAt();
    const { definition } = golden;
    const faulty = this.#faultyVms(fault.faults);
    const evidence: Evidence = {
      machine: test,
      faulty,
      firedAt: fired,
      golden: expected,
      run: stretch,
      isComplete: definition.workload.until === undefined || progress === 'done',
      hasGoal: definition.workload.until !== undefined,
      output: { expected: golden.output, found: golden.outputNow() },
      bystanders: fired === undefined ? [] : bystanders(test.system, faulty, expected, stretch),
      isDead: () => machine.isLike(golden.last),
      notices: definition.notices ?? noticesByMark,
    };
    const { outcome, cause } = classify(evidence);
    const isBenign = OUTCOMES[outcome].counts === 'benign' || outcome === 'not-activated';
    const properties = observationsOf(
      golden.events.slice(0, checkpoint.events - golden.start.events),
      stretch.events,
    );
    const begin = (isFaulty: boolean): WorkloadRun =>
      this.#begin(checkpoint, isFaulty ? fault.faults : []).run;
    const hasFailed = !isBenign && fired !== undefined;
    return {
      outcome,
      cause,
      firedAt: fired ?? null,
      recoveryTime: fired === undefined ? null : recoveryTime(stretch.events, fired),
      bystanders: evidence.bystanders,
      known: 'ran',
      properties,
      // Last, since it may run the machine again.
      divergence: !hasFailed
        ? null
        : isLookedAt
          ? this.#divergences.byInstructions(evidence, begin)
          : this.#divergences.byEvents(evidence),
    };
  }

  /** The workload from a checkpoint on, with these faults. */
  #begin(checkpoint: Checkpoint, faults: readonly FaultPlan[]) {
    const golden = this.#golden;
    golden.returnTo(checkpoint);
    const ids = faults.map((plan) => golden.machine.inject(resolveFault(plan, this.#start)));
    const run = golden.newRun();
    run.resume(checkpoint.stimulus);
    return { run, ids };
  }

  /** Whether the run goes on as the golden run does from a checkpoint, and what is left of the fault at its end. */
  #convergence(checkpoint: Checkpoint, plans: readonly FaultPlan[]): Outcome | undefined {
    const { machine } = this.#golden;
    const [plan] = plans;
    const { vm, hart = 0 } = plan !== undefined && 'vm' in plan ? plan : { vm: undefined };
    const fates =
      vm === undefined || plans.length > 1 ? undefined : this.#golden.fatesAt(checkpoint, vm, hart);
    if (vm === undefined || fates === undefined)
      return machine.isLike(checkpoint.snapshot) ? 'masked-dead' : undefined;
    if (!machine.isLike(checkpoint.snapshot, { vm, hart, registers: fates.unread })) return undefined;
    const left = { vm, hart, registers: fates.left };
    const isDead = hasSameRegisters(machine.vm(vm), left, checkpoint.snapshot);
    return isDead ? 'masked-dead' : 'masked-latent';
  }

  #stretchFrom(checkpoint: Checkpoint): Stretch {
    const { events, start, ended } = this.#golden;
    return { events: events.slice(checkpoint.events - start.events), end: ended };
  }

  /** The last one before anything that the faults wait for; where that is not known before, the first. */
  #checkpointFor(plans: readonly FaultPlan[]): Checkpoint {
    const { checkpoints, start } = this.#golden;
    let last = checkpoints.length - 1;
    for (const plan of plans) {
      if ('afterInstructions' in plan && plan.afterInstructions !== undefined) {
        const { vm, hart = 0, afterInstructions } = plan;
        const count = start.retired.get(vm)![hart]! + afterInstructions;
        last = lastWith(({ retired }) => retired.get(vm)![hart]! < count, checkpoints, last);
      } else if ('at' in plan && plan.at !== undefined) {
        const { at } = plan;
        last = lastWith((checkpoint) => checkpoint.at < at, checkpoints, last);
      } else return start;
    }
    return checkpoints[last]!;
  }

  #faultyVms(plans: readonly FaultPlan[]): ReadonlySet<string> {
    const { system } = this.#golden.test;
    return new Set(
      plans.flatMap((plan) => {
        if ('vm' in plan) return [plan.vm];
        if ('network' in plan)
          return system.vms
            .filter(({ nics }) => nics.some(({ network }) => network === plan.network))
            .map(({ name }) => name);
        const channel = system.channels.find(({ name }) => name === plan.channel)!;
        return [channel.from, ...channel.to].filter((end) => end !== 'test');
      }),
    );
  }
}

const NONE: readonly never[] = [];

/** Findings of an injection that there is little to say of. Written out, as results are. */
const nothing = ({
  outcome,
  cause = '',
  firedAt = null,
  known = 'ran',
  properties = NONE,
}: Pick<Findings, 'outcome'> &
  Partial<Pick<Findings, 'cause' | 'firedAt' | 'known' | 'properties'>>): Findings => ({
  outcome,
  cause,
  firedAt,
  recoveryTime: null,
  bystanders: NONE,
  divergence: null,
  known,
  properties,
});

/** Each time as many checkpoints are passed over as the time before, times this. */
const RARER = 4;

/**
 * Where to look whether a run has become the golden run: again and again, more and more rarely, since most that do have
 * done so at the first checkpoint, and each look at a run that does not costs as much as thousands of instructions.
 */
function* looks(
  checkpoints: readonly Checkpoint[],
  began: Checkpoint,
  isOver: () => boolean,
): Generator<Checkpoint> {
  let step = 1;
  for (let at = checkpoints.indexOf(began) + 1; at < checkpoints.length; at += step) {
    yield checkpoints[at]!;
    if (isOver()) step *= RARER;
  }
}

/** Whether everybody did the same as in the golden run so far, at the same time. */
function isSameSoFar(golden: Stretch, run: Stretch): boolean {
  const isTold = (event: TraceEvent): boolean =>
    event.at <= run.end && event.kind !== 'fault-injected' && event.kind !== 'scheduled';
  const [expected, found] = [golden, run].map(({ events }) => events.filter(isTold)) as [
    TraceEvent[],
    TraceEvent[],
  ];
  return (
    expected.length === found.length &&
    found.every((event, at) => event.at === expected[at]?.at && isSameDeed(event, expected[at]))
  );
}

/** From the fault until the last VM that crashed was at work again. */
function recoveryTime(events: readonly TraceEvent[], firedAt: number): number | null {
  const down = new Set<string>();
  let recovered: number | null = null;
  for (const event of events) {
    if (event.at < firedAt) continue;
    const vm = vmOf(event);
    if (vm === null) continue;
    if (event.kind === 'vm-crashed' || event.kind === 'vm-restarting') down.add(vm);
    else if (down.has(vm) && isDeed(event)) {
      down.delete(vm);
      recovered = event.at - firedAt;
    }
  }
  return down.size > 0 ? null : recovered;
}

/** Where the last is, up to a place, of those that are as they should be, which come before all others; or else the first. */
function lastWith(
  isOne: (checkpoint: Checkpoint) => boolean,
  checkpoints: readonly Checkpoint[],
  upTo: number,
): number {
  let [low, high] = [0, upTo];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (isOne(checkpoints[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function reasonText(error: unknown): string {
  const { name = 'Error', message = String(error) } = error as Partial<Error>;
  return `${name}: ${message.split('\n')[0]}`;
}
