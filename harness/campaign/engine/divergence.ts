/** Where a run first left the golden run: the first instruction, message or mark that is another, or the crash. */
import type { TraceEvent } from '../../../hypervisor';
import { disassemble } from '../../image/disassemble';
import { eventText } from '../../report/event-text';
import type { Divergence } from '../result';
import type { Evidence } from './classify';
import { firstDifference, isSameDeed, vmOf } from './comparison';
import type { GoldenRecord } from './golden-run';
import { firstParting, type Parting } from './paths';
import type { WorkloadRun } from './workload-run';

/** So many virtual nanoseconds before the fault paths are compared from: a few instructions. */
const BEFORE = 100;

interface FirstEvent {
  readonly divergence: Divergence;
  readonly event: TraceEvent;
  /** Whether it is the golden run's, and missing. */
  readonly isExpected: boolean;
}

/** Puts the machine to the checkpoint that the run began at, with its faults or without. */
type Begin = (isFaulty: boolean) => WorkloadRun;

export class Divergences {
  readonly #golden: GoldenRecord;
  /** By VM and pc: what is asked for each injection is known before long. */
  readonly #functions = new Map<string, Map<number, string | null>>();

  constructor(golden: GoldenRecord) {
    this.#golden = golden;
  }

  /**
   * The first event that differs, of a run that has come to its end and failed.
   */
  byEvents(evidence: Evidence): Divergence | null {
    const found = this.#firstEvent(evidence);
    return found === null ? null : found.divergence;
  }

  /**
   * The first instruction that goes elsewhere, or the first event where that comes before, or where paths do not part for
   * long. The machine is somewhere else afterwards.
   */
  byInstructions(evidence: Evidence, begin: Begin): Divergence | null {
    const found = this.#firstEvent(evidence);
    const parting = this.#parting(evidence.firedAt!, begin);
    if (parting !== undefined && (found === null || parting.at <= found.divergence.at))
      return this.#byPath(parting);
    if (found === null) return null;
    const { divergence, event, isExpected } = found;
    const pc = divergence.pc === null ? this.#pcAt(event, begin(!isExpected)) : BigInt(divergence.pc);
    return { ...divergence, ...this.#sourceOf(divergence.vm, pc), by: 'instruction' };
  }

  functionAt(vm: string | null, pc: number | null): string | null {
    if (vm === null || pc === null) return null;
    let names = this.#functions.get(vm);
    if (names === undefined) this.#functions.set(vm, (names = new Map<number, string | null>()));
    let name = names.get(pc);
    if (name === undefined) {
      const image = this.#golden.test.imageOf(vm);
      name = image.sourceLine(pc)?.function ?? image.symbols.at(pc)?.symbol.name ?? null;
      names.set(pc, name);
    }
    return name;
  }

  #parting(firedAt: number, begin: Begin): Parting | undefined {
    const { vms } = this.#golden.machine;
    const from = firedAt - BEFORE;
    const at = (isFaulty: boolean) => (): WorkloadRun => {
      const run = begin(isFaulty);
      run.to(from);
      return run;
    };
    return firstParting({ vms, from, golden: at(false), faulty: at(true) });
  }

  #byPath({ vm, at, from, to, expected }: Parting): Divergence {
    return {
      ...{ vm, at },
      ...this.#sourceOf(vm, from),
      what: `goes on at ${this.#placeText(vm, to)}, not at ${this.#placeText(vm, expected)}`,
      by: 'instruction',
    };
  }

  /** By what VMs did; for a trap, where. */
  #firstEvent({ golden, run, machine }: Evidence): FirstEvent | null {
    const crash = run.events.find((event) => event.kind === 'vm-crashed' && event.injected === undefined);
    const difference = firstDifference(golden, run);
    const event = difference?.found ?? difference?.expected;
    if (crash !== undefined && (event === undefined || crash.at <= event.at)) {
      const { vm, at } = crash as TraceEvent & { readonly vm: string };
      const fault = crash.kind === 'vm-crashed' ? crash.fault : undefined;
      const pc = fault !== undefined && 'pc' in fault ? fault.pc : null;
      const what = eventText(machine, crash);
      const divergence: Divergence = { vm, at, ...this.#sourceOf(vm, pc), what, by: 'event' };
      return { divergence, event: crash, isExpected: false };
    }
    if (event === undefined) {
      const ending = run.events.find(
        (one) => one.kind === 'vm-halted' && !golden.events.some((other) => isSameDeed(one, other)),
      );
      if (ending === undefined) return null;
      const [vm, what] = [vmOf(ending)!, eventText(machine, ending)];
      return {
        divergence: { vm, at: ending.at, ...this.#sourceOf(vm, null), what, by: 'event' },
        event: ending,
        isExpected: false,
      };
    }
    const vm = vmOf(event) ?? '';
    const what =
      difference?.found === undefined
        ? `missing: ${eventText(machine, event)}`
        : difference.expected === undefined
          ? `additional: ${eventText(machine, event)}`
          : isSameDeed(difference.expected, difference.found)
            ? `at another time: ${eventText(machine, event)}`
            : `${eventText(machine, event)}, not: ${eventText(machine, difference.expected)}`;
    const divergence: Divergence = { vm, at: event.at, ...this.#sourceOf(vm, null), what, by: 'event' };
    return { divergence, event, isExpected: difference?.found === undefined };
  }

  /** Where the VM is when it does something, in a run that does; null where that is not by an instruction of its own. */
  #pcAt(deed: TraceEvent, run: WorkloadRun): bigint | null {
    const { machine } = this.#golden;
    let pc: bigint | null = null;
    const forget = machine.trace.subscribe((event) => {
      if (pc !== null || event.at !== deed.at || vmOf(event) !== vmOf(deed) || !isSameDeed(event, deed))
        return;
      ({ pc } = machine.vm(vmOf(deed)!).harts[0]!);
    });
    try {
      run.to(deed.at + BEFORE);
    } finally {
      forget();
    }
    return pc;
  }

  /** `decide() at train.c:42`, or the address. */
  #placeText(vm: string, pc: bigint): string {
    const { file, line, function: name } = this.#sourceOf(vm, pc);
    const known = [...(name === null ? [] : [`${name}()`]), ...(file === null ? [] : [`${file}:${line}`])];
    return known.length === 0 ? `0x${pc.toString(16)}` : known.join(' at ');
  }

  #sourceOf(
    vm: string,
    pc: bigint | null,
  ): Pick<Divergence, 'pc' | 'function' | 'file' | 'line' | 'instruction'> {
    if (pc === null) return { pc: null, function: null, file: null, line: null, instruction: null };
    const { test } = this.#golden;
    const image = test.imageOf(vm);
    const source = image.sourceLine(pc);
    const address = Number(pc);
    const { memory } = test.hypervisorMachine.vm(vm);
    const bytes = memory.isRam(address, 4) ? memory.read(address, 4) : undefined;
    const bits = bytes === undefined ? undefined : new DataView(bytes.buffer).getUint32(0, true);
    return {
      // Those of kernels at the top of 64 bits are not numbers that every reader of results has.
      pc: Number.isSafeInteger(address) ? address : null,
      function: source?.function ?? image.symbols.at(pc)?.symbol.name ?? null,
      file: source?.file ?? null,
      line: source?.line ?? null,
      instruction: bits === undefined ? null : disassemble(test.xlenOf(vm), bits, { pc }),
    };
  }
}
