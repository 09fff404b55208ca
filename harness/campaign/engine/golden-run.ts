/**
 * The golden run: the workload without faults. It is run three times: to see how long it takes, to take snapshots on the
 * way, from which injections begin, and, where somebody asks and no other thread has done so, to see what every
 * instruction uses.
 */
import { createHash } from 'node:crypto';
import { bytesBeside, type MachineSnapshot, type TraceEvent } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import type { FaultyMachine } from '../../faults/faulty-machine';
import { boot } from '../../machine/boot';
import type { TestMachine } from '../../machine/test-machine';
import { durationText } from '../../report/time-text';
import type { CampaignDefinition } from '../contract';
import type { GoldenRun } from '../result';
import { observationsOf } from '../properties';
import { AccessRecord, type RecordedAccesses, type Range, REGISTERS } from './access-record';
import { AccessRecorder } from './access-recorder';
import { outputsOf } from './outputs';
import { WorkloadRun } from './workload-run';

/** A moment of the golden run that injections may begin at. */
export interface Checkpoint {
  /** Virtual nanoseconds. */
  readonly at: number;
  readonly snapshot: MachineSnapshot;
  /** The workload's next stimulus. */
  readonly stimulus: number;
  /** Events of the trace before it. */
  readonly events: number;
  /** Instructions retired by each hart since the machine started, by VM. */
  readonly retired: ReadonlyMap<string, readonly number[]>;
}

/** Registers of a hart that nobody reads before they are written, if they are, and those of them that are not. */
export interface RegisterFates {
  readonly unread: readonly number[];
  readonly left: readonly number[];
}

/** Accesses that were recorded, by what says of which run, hart and memory. */
export type KnownAccesses = ReadonlyMap<string, RecordedAccesses>;

/** All snapshots together take no more bytes of memory than this, or there is one of them. */
const MOST_CHECKPOINT_BYTES = 256 * 2 ** 20;
const DEFAULT_CHECKPOINTS = 64;
const DEFAULT_SEED = 1;

/** Of the memory of snapshots one after the other. */
const bytesOf = (checkpoints: readonly Checkpoint[]): number =>
  checkpoints.reduce(
    (sum, { snapshot }, at) => sum + bytesBeside(snapshot.memory, checkpoints[at - 1]?.snapshot.memory),
    0,
  );

export class GoldenRecord {
  /** Where all runs of the campaign take place, one after the other. */
  readonly test: TestMachine;
  readonly definition: CampaignDefinition;
  /** Virtual nanoseconds at which the workload begins and ends. */
  readonly began: number;
  ended = 0;
  /** Where the workload begins, and moments after that. */
  readonly checkpoints: Checkpoint[] = [];
  /** What happened from the beginning of the workload on. */
  events: readonly TraceEvent[] = [];
  /** What the oracle says of it. */
  output: unknown;
  digest = '';
  /** Where the workload ends. */
  last: MachineSnapshot;
  readonly #accesses = new Map<string, AccessRecord>();
  readonly #known: KnownAccesses;
  #knownHallmark: string | undefined;
  readonly #recordOf = new Map<string, AccessRecord>();
  readonly #fates = new Map<Checkpoint, Map<AccessRecord, RegisterFates>>();

  /**
   * @param known accesses that another thread may have recorded of the same run
   * @throws AuthorError when the workload does not come to its end, or not to the same one twice
   */
  static async record(definition: CampaignDefinition, known: KnownAccesses): Promise<GoldenRecord> {
    const test = await boot(definition.system, {
      seed: definition.seed ?? DEFAULT_SEED,
      ...(definition.images === undefined ? {} : { images: definition.images }),
    });
    await definition.prepare?.(test);
    return new GoldenRecord(test, definition, known);
  }

  private constructor(test: TestMachine, definition: CampaignDefinition, known: KnownAccesses) {
    this.test = test;
    this.#known = known;
    this.definition = definition;
    this.began = test.now;
    const start = this.#checkpoint(0);
    this.checkpoints.push(start);
    const first = this.#run();
    this.ended = test.now;
    this.events = test.hypervisorMachine.trace.since(start.events);
    this.digest = test.digest;
    this.output = first;
    this.last = this.machine.save(start.snapshot);
    this.#takeCheckpoints();
    // Where an event ends it, how far time is then depends on where turns were cut; the event does not.
    if (test.digest === this.digest) return;
    throw new AuthorError({
      code: 'bad-campaign',
      where: `campaign “${definition.name}”`,
      what: 'its workload does not do the same when it is run again.',
      mend: 'Stimuli must depend on nothing but the machine: keep no state in variables outside of them, and ask for no time or randomness of the host.',
    });
  }

  get machine() {
    return this.test.hypervisorMachine;
  }

  get start(): Checkpoint {
    return this.checkpoints[0]!;
  }

  /** The machine as it is where the workload begins, since faults count from there. */
  get origin(): FaultyMachine {
    const { test, began, start } = this;
    return {
      system: test.system,
      now: began,
      imageOf: (vm) => test.imageOf(vm),
      xlenOf: (vm) => test.xlenOf(vm),
      retiredBy: (vm, hart) => start.retired.get(vm)![hart]!,
    };
  }

  /** A run of the workload at its beginning. */
  newRun(): WorkloadRun {
    return new WorkloadRun(this.test, this.definition.workload, this.began);
  }

  /** Puts the machine back to a moment of the golden run. */
  returnTo(checkpoint: Checkpoint): void {
    this.machine.restore(checkpoint.snapshot);
  }

  /** Instructions that a hart retires in the workload. */
  instructionsOf(vm: string, hart = 0): number {
    return this.#retiredAtEnd.get(vm)![hart]! - this.start.retired.get(vm)![hart]!;
  }

  /** What the oracle says of the machine as it is now. */
  outputNow(): unknown {
    return (this.definition.oracle ?? outputsOf)(this.test);
  }

  /** What becomes of a hart's registers after a checkpoint; undefined unless somebody has asked for its accesses. */
  fatesAt(checkpoint: Checkpoint, vm: string, hart: number): RegisterFates | undefined {
    const record = this.#recordOf.get(`${hart} ${vm}`);
    if (record === undefined) return undefined;
    const fates = this.#fates.get(checkpoint) ?? new Map<AccessRecord, RegisterFates>();
    this.#fates.set(checkpoint, fates);
    let found = fates.get(record);
    if (found === undefined) {
      const moment = checkpoint.retired.get(vm)![hart]! - this.start.retired.get(vm)![hart]!;
      const all = Array.from({ length: REGISTERS }, (_, register) => record.fateOf(register, moment));
      const of = (...wanted: readonly string[]): number[] =>
        all.flatMap((fate, register) => (wanted.includes(fate) ? [register] : []));
      fates.set(record, (found = { unread: of('written', 'left'), left: of('left') }));
    }
    return found;
  }

  /** What a hart's instructions use: of its registers, and of ranges of its VM's memory. */
  accessesOf(vm: string, hart = 0, ranges: readonly Range[] = []): AccessRecord {
    const key = JSON.stringify([this.#hallmark, vm, hart, ranges]);
    let record = this.#accesses.get(key);
    if (record === undefined) {
      const known = this.#known.get(key);
      record = known === undefined ? this.#observe(vm, hart, ranges) : new AccessRecord(known);
      this.#accesses.set(key, record);
      this.#recordOf.set(`${hart} ${vm}`, record);
    }
    return record;
  }

  /** All accesses that somebody has asked for, for other threads. */
  get accesses(): KnownAccesses {
    return new Map([...this.#accesses].map(([key, { recorded }]) => [key, recorded]));
  }

  /** What the machine was at the beginning, and how far everybody was at each checkpoint: says that two runs are one. */
  get #hallmark(): string {
    return (this.#knownHallmark ??= this.#newHallmark());
  }

  #newHallmark(): string {
    const moments = this.checkpoints.map(({ at, stimulus, events, retired }) => [
      ...[at, stimulus, events],
      ...[...retired.values()].flat(),
    ]);
    const hash = createHash('sha256').update(JSON.stringify([this.digest, moments]));
    for (const page of this.start.snapshot.memory) hash.update(page);
    return hash.digest('hex');
  }

  get summary(): GoldenRun {
    let instructions = 0;
    for (const [vm, harts] of this.#retiredAtEnd)
      harts.forEach((retired, hart) => (instructions += retired - this.start.retired.get(vm)![hart]!));
    return {
      digest: this.digest,
      duration: this.ended - this.began,
      instructions,
      properties: observationsOf(this.events),
    };
  }

  #retiredAtEnd: ReadonlyMap<string, readonly number[]> = new Map();

  #run(): unknown {
    const progress = this.newRun().toEnd();
    const { name, workload } = this.definition;
    if (workload.until !== undefined && progress !== 'done')
      throw new AuthorError({
        code: 'bad-campaign',
        where: `campaign “${name}”: workload`,
        what: `without any fault, ${workload.until(this.test).describe} does not come within ${durationText(workload.atMost)}.`,
        mend: 'Give it more time (atMost), and see with boot() and runUntil() what the system does.',
      });
    this.#retiredAtEnd = this.#retired();
    return this.outputNow();
  }

  #takeCheckpoints(): void {
    const { checkpoints: count = DEFAULT_CHECKPOINTS } = this.definition.shortcuts ?? {};
    const { checkpoints } = this;
    const duration = this.ended - this.began;
    this.returnTo(this.start);
    const run = this.newRun();
    // By the number of its moment; every so many-th is kept.
    const taken = new Map([[0, this.start]]);
    let step = 1;
    let bytes = bytesOf(checkpoints);
    for (let number = step; number < count; number += step) {
      const moment = this.began + Math.floor((number * duration) / count);
      if (moment <= this.machine.now) continue;
      if (run.to(moment) !== 'going on') break;
      const checkpoint = this.#checkpoint(run.next);
      taken.set(number, checkpoint);
      bytes += bytesBeside(checkpoint.snapshot.memory, checkpoints.at(-1)!.snapshot.memory);
      checkpoints.push(checkpoint);
      while (checkpoints.length > 1 && bytes > MOST_CHECKPOINT_BYTES) {
        step *= 2;
        for (const each of taken.keys()) if (each % step !== 0) taken.delete(each);
        checkpoints.splice(0, Infinity, ...taken.values());
        bytes = bytesOf(checkpoints);
      }
      number -= number % step;
    }
    run.toEnd();
  }

  #checkpoint(stimulus: number): Checkpoint {
    const { machine } = this;
    return {
      at: machine.now,
      snapshot: machine.save(this.checkpoints.at(-1)?.snapshot),
      stimulus,
      events: machine.trace.length,
      retired: this.#retired(),
    };
  }

  #retired(): ReadonlyMap<string, readonly number[]> {
    return new Map(this.machine.vms.map((vm) => [vm.name, vm.harts.map(({ retired }) => retired)]));
  }

  #observe(name: string, number: number, ranges: readonly Range[]): AccessRecord {
    this.returnTo(this.start);
    const vm = this.machine.vm(name);
    const hart = vm.harts[number]!;
    const recorder = new AccessRecorder(hart, () => vm.now, ranges);
    const forget = this.machine.trace.subscribe((event) => {
      // A VM that starts or is saved has all of its registers written or read.
      const isAll = event.kind === 'vm-started' || event.kind === 'vm-mode' || event.kind === 'vm-restored';
      if (isAll && event.vm === name) recorder.readEverything();
    });
    hart.exact.observer = recorder;
    vm.ram.observer = recorder;
    try {
      this.newRun().toEnd();
      recorder.end();
      this.outputNow();
    } finally {
      hart.exact.observer = undefined;
      vm.ram.observer = undefined;
      forget();
    }
    return recorder.take();
  }
}
