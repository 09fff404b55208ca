/**
 * One injection: from the last checkpoint before the fault to the end of the workload, or to where the run is the golden
 * run again.
 */
import { disassemble, hasSameRegisters, type TraceEvent } from '../../../hypervisor';
import type { FaultPlan } from '../../faults/fault-plan';
import type { FaultyMachine } from '../../faults/faulty-machine';
import { resolveFault } from '../../faults/resolve-fault';
import { eventText } from '../../report/event-text';
import { type Outcome, OUTCOMES } from '../outcomes';
import { observationsOf } from '../properties';
import type { Divergence, FaultPlace, InjectionResult } from '../result';
import type { SpaceFault } from '../space';
import { classify, type Evidence, noticesByMark } from './classify';
import { bystanders, firstDifference, isDeed, isSameDeed, type Stretch, vmOf } from './comparison';
import type { Checkpoint, GoldenRecord } from './golden-run';

/** What an injection may leave out. */
export interface PilotOptions {
  readonly earlyStop: boolean;
  /** Faults of which it is known without a run that nobody sees them are not injected. */
  readonly prunes: boolean;
}

export class Pilot {
  readonly #golden: GoldenRecord;
  readonly #options: PilotOptions;
  /** The machine as it is where the workload begins, since faults count from there. */
  readonly #start: FaultyMachine;
  readonly #functions = new Map<number, string | null>();

  constructor(golden: GoldenRecord, options: PilotOptions) {
    this.#golden = golden;
    this.#options = options;
    this.#start = golden.origin;
  }

  run(fault: SpaceFault, index: number): InjectionResult {
    const base = this.#baseOf(fault, index);
    try {
      if (this.#options.prunes && fault.known !== undefined) return this.#known(base, fault.known);
      return { ...base, ...this.#inject(fault) };
    } catch (error) {
      // Whatever it was, the campaign goes on with the next.
      return this.failed(fault, index, reasonText(error));
    }
  }

  /** What is recorded of an injection that could not be carried out. */
  failed(fault: SpaceFault, index: number, cause: string): InjectionResult {
    return { ...this.#baseOf(fault, index), ...NOTHING, outcome: 'harness-error', cause };
  }

  #baseOf(fault: SpaceFault, index: number) {
    return { index, faults: fault.faults, weight: fault.weight, ...this.#placeOf(fault) };
  }

  #known(
    base: Pick<InjectionResult, 'index' | 'faults' | 'weight'> & FaultPlace,
    known: 'dead' | 'latent',
  ): InjectionResult {
    const properties = this.#golden.summary.properties;
    return { ...base, ...NOTHING, outcome: `masked-${known}`, known: 'pruned', properties };
  }

  #inject(fault: SpaceFault): Omit<InjectionResult, keyof FaultPlace | 'index' | 'faults' | 'weight'> {
    const golden = this.#golden;
    const { machine, test } = golden;
    const checkpoint = this.#checkpointFor(fault.faults);
    golden.returnTo(checkpoint);
    const ids = fault.faults.map((plan) => machine.inject(resolveFault(plan, this.#start)));
    const run = golden.newRun();
    run.resume(checkpoint.stimulus);
    const expected = this.#stretchFrom(checkpoint);
    const found = (): Stretch => ({ events: machine.trace.since(checkpoint.events), end: machine.now });
    const firedAt = (): number | undefined => {
      const times = ids.flatMap((id) => {
        const status = machine.faultStatus(id);
        return status.is === 'fired' ? [status.at] : [];
      });
      return times.length === 0 ? undefined : Math.min(...times);
    };
    const isOver = (): boolean => ids.every((id) => machine.faultStatus(id).is !== 'armed');

    if (this.#options.earlyStop) {
      for (const next of looks(golden.checkpoints, checkpoint, isOver)) {
        if (run.to(next.at) !== 'going on') break;
        if (!isOver()) continue;
        const outcome = this.#convergence(next, fault.faults);
        if (outcome === undefined || !isSameSoFar(expected, found())) continue;
        const properties = observationsOf([
          ...golden.events.slice(0, checkpoint.events - golden.start.events),
          ...found().events,
          ...golden.events.slice(next.events - golden.start.events),
        ]);
        return { ...NOTHING, outcome, firedAt: firedAt() ?? null, known: 'converged', properties };
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
    return {
      outcome,
      cause,
      firedAt: fired ?? null,
      recoveryTime: fired === undefined ? null : recoveryTime(stretch.events, fired),
      bystanders: evidence.bystanders,
      divergence: isBenign ? null : this.#divergence(evidence),
      known: 'ran',
      properties: observationsOf([
        ...golden.events.slice(0, checkpoint.events - golden.start.events),
        ...stretch.events,
      ]),
    };
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
      const before = (isBefore: (checkpoint: Checkpoint) => boolean): void => {
        while (last > 0 && !isBefore(checkpoints[last]!)) last--;
      };
      if ('afterInstructions' in plan && plan.afterInstructions !== undefined) {
        const { vm, hart = 0, afterInstructions } = plan;
        const count = start.retired.get(vm)![hart]! + afterInstructions;
        before(({ retired }) => retired.get(vm)![hart]! < count);
      } else if ('at' in plan && plan.at !== undefined) {
        const { at } = plan;
        before((checkpoint) => checkpoint.at < at);
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

  #placeOf({ faults, place, pc }: SpaceFault): FaultPlace {
    return { model: faults[0]!.model, ...place, function: this.#functionAt(place.vm, pc) };
  }

  #functionAt(vm: string | null, pc: number | null): string | null {
    if (vm === null || pc === null) return null;
    let name = this.#functions.get(pc);
    if (name === undefined) {
      const image = this.#golden.test.imageOf(vm);
      name = image.sourceLine(pc)?.function ?? image.symbols.at(pc)?.symbol.name ?? null;
      this.#functions.set(pc, name);
    }
    return name;
  }

  /** By what VMs did; for a trap, where. */
  #divergence({ golden, run, machine }: Evidence): Divergence | null {
    const crash = run.events.find((event) => event.kind === 'vm-crashed' && event.injected === undefined);
    const difference = firstDifference(golden, run);
    const event = difference?.found ?? difference?.expected;
    if (crash !== undefined && (event === undefined || crash.at <= event.at)) {
      const { vm, at } = crash as TraceEvent & { readonly vm: string };
      const fault = crash.kind === 'vm-crashed' ? crash.fault : undefined;
      const pc = fault !== undefined && 'pc' in fault ? Number(fault.pc) : null;
      return { vm, at, pc, ...this.#sourceOf(vm, pc), what: eventText(machine, crash) };
    }
    if (event === undefined) return null;
    const vm = vmOf(event) ?? '';
    const what =
      difference?.found === undefined
        ? `missing: ${eventText(machine, event)}`
        : difference.expected === undefined
          ? `additional: ${eventText(machine, event)}`
          : isSameDeed(difference.expected, difference.found)
            ? `at another time: ${eventText(machine, event)}`
            : `${eventText(machine, event)}, not: ${eventText(machine, difference.expected)}`;
    return { vm, at: event.at, pc: null, ...this.#sourceOf(vm, null), what };
  }

  #sourceOf(vm: string, pc: number | null): Pick<Divergence, 'function' | 'file' | 'line' | 'instruction'> {
    if (pc === null) return { function: null, file: null, line: null, instruction: null };
    const { test } = this.#golden;
    const source = test.imageOf(vm).sourceLine(pc);
    const { memory } = test.hypervisorMachine.vm(vm);
    const bytes = memory.isRam(pc, 4) ? memory.read(pc, 4) : undefined;
    const bits = bytes === undefined ? undefined : new DataView(bytes.buffer).getUint32(0, true);
    return {
      function: this.#functionAt(vm, pc),
      file: source?.file ?? null,
      line: source?.line ?? null,
      instruction: bits === undefined ? null : disassemble(test.xlenOf(vm), bits, BigInt(pc)),
    };
  }
}

const NOTHING = {
  cause: '',
  firedAt: null,
  recoveryTime: null,
  bystanders: [],
  divergence: null,
  known: 'ran',
  properties: [],
} as const;

/** Where to look whether a run has become the golden run: again and again, more and more rarely, since most do soon. */
function* looks(
  checkpoints: readonly Checkpoint[],
  began: Checkpoint,
  isOver: () => boolean,
): Generator<Checkpoint> {
  let step = 1;
  for (let at = checkpoints.indexOf(began) + 1; at < checkpoints.length; at += step) {
    yield checkpoints[at]!;
    if (isOver()) step *= 2;
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

function reasonText(error: unknown): string {
  const { name = 'Error', message = String(error) } = error as Partial<Error>;
  return `${name}: ${message.split('\n')[0]}`;
}
