/**
 * One hart: the loop around its engine. Engines run instructions from one interruption of their work to the next; here
 * those are handled: interrupts, traps, system instructions, limits. Hot: a system instruction costs about as much
 * as a few function calls; nothing here allocates while a guest runs.
 */
import { Engine } from '../engine/engine';
import { Stop } from '../engine/step-contract';
import { HypervisorBug } from '../bug';
import { Breakpoints } from './breakpoints';
import type { VmMemory } from '../memory/vm-memory';
import { INTERRUPT } from './causes';
import type { HartContract, HartOptions, HartStop, InterruptLine } from './contract';
import { CsrFile } from './csr-file';
import { settleTimer, timerTick } from './csr-timer';
import { Fetch, lengthOf } from './fetch';
import { ExactSteps } from './exact-steps';
import type { HartState } from './hart-state';
import { LastTrap, type UnhandledTrap } from './last-trap';
import { TRAP_CAUSE, TRAP_VALUE } from './layout';
import { MemoryAccess } from './memory-access';
import { Mode } from './mode';
import { NO_FAULT, Translation } from './paging/translation';
import { Outside } from './outside';
import { Recurrence } from './recurrence';
import { PC_REGISTER, Registers } from './registers';
import { Spending } from './spending';
import { handOverToSupervisor } from './supervisor-firmware';
import { Outcome, SystemInstructions } from './system-instructions';
import { TrapEntry } from './trap-entry';
import { Traps } from './traps';
import { highOf, lowOf, wide } from './wide';

const CAUSE = TRAP_CAUSE >> 2;
const VALUE = TRAP_VALUE >> 2;
/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { budget: BUDGET, system: SYSTEM, fetch: FETCH } = Stop;
const { jumped: JUMPED, trap: TRAP, hypercall: HYPERCALL, waiting: WAITING } = Outcome;
const TWO_TO_32 = 0x100000000;
const A0 = 10;
const A1 = 11;

export class Hart implements HartContract {
  readonly xlen: 32 | 64;
  readonly #hartId: number;
  readonly #memory: VmMemory;
  readonly #isSupervisor: boolean;
  readonly #systemCost: number;
  readonly #registers: Registers;
  readonly #spending: Spending;
  readonly #csrs: CsrFile;
  readonly #traps: Traps;
  readonly #translation: Translation;
  readonly #fetch: Fetch;
  readonly #access: MemoryAccess;
  readonly #system: SystemInstructions;
  readonly #engine: Engine;
  readonly #breakpoints: Breakpoints;
  /** For who looks at single instructions. */
  readonly exact: ExactSteps;

  /** The ecall at the pc is a hypercall that has not returned yet. */
  #hypercallOpen = false;
  readonly #entry: TrapEntry;
  readonly #recurrence: Recurrence;
  /** A system instruction is in progress, so that its own retirement is still to come. */
  #executing = false;
  /** The run has executed nothing yet. */
  #isFirst = false;

  constructor({ xlen, profile, hartId, memory, costs, host }: HartOptions) {
    this.xlen = xlen;
    this.#hartId = hartId;
    this.#memory = memory;
    this.#isSupervisor = profile === 'supervisor';
    this.#systemCost = costs.instructions.system;
    const { buffer } = memory.machine.bytes;
    const own = memory.hart(hartId);
    this.#registers = new Registers(xlen, buffer, own.block);
    this.#spending = new Spending(buffer, own.block);
    const outside = new Outside(host);
    this.#csrs = new CsrFile(xlen, buffer, own.block, {
      cycles: () => outside.cycles(),
      ticks: () => outside.ticks(),
      retired: () => outside.tell(this.retired),
      cyclesAfter: () => outside.cycles() + (this.#executing ? this.#systemCost : 0),
      retiredAfter: () => outside.tell(this.retired) + (this.#executing ? 1 : 0),
    });
    this.#traps = new Traps(this.#registers, this.#csrs);
    const lastTrap = new LastTrap(this.#registers, this.#traps);
    this.#entry = new TrapEntry(this.#registers, this.#spending, this.#traps, lastTrap, costs.trap);
    this.#translation = new Translation(this.#csrs, memory, own);
    const parts = { translation: this.#translation, memory, hart: own, host: outside };
    this.#access = new MemoryAccess(this.#registers, parts);
    this.#system = new SystemInstructions(this.#registers, this.#csrs, this.#traps, this.#isSupervisor);
    this.#engine = new Engine({ xlen, vm: memory, hart: own, costs, host: this.#access });
    this.#breakpoints = new Breakpoints(this.#registers, this.#engine);
    this.#fetch = new Fetch(this.#registers, { ...parts, engine: this.#engine });
    this.exact = new ExactSteps({
      ...{ registers: this.#registers, csrs: this.#csrs, translation: this.#translation },
      ...{ fetch: this.#fetch, engine: this.#engine, breakpoints: this.#breakpoints },
    });
    const state = { registers: this.#registers, spending: this.#spending, lastTrap, memory };
    this.#recurrence = new Recurrence({ ...state, outside, exact: this.exact });
  }

  reset(entry: number, devicetree: number): void {
    const registers = this.#registers;
    const csrs = this.#csrs;
    registers.clear();
    csrs.reset(this.#hartId);
    registers.mode = this.#isSupervisor ? Mode.supervisor : Mode.machine;
    if (this.#isSupervisor) handOverToSupervisor(csrs);
    registers.set(A0, this.#hartId, 0);
    registers.set(A1, devicetree, Math.floor(devicetree / TWO_TO_32));
    registers.setPc(entry, Math.floor(entry / TWO_TO_32));
    this.#hypercallOpen = false;
    this.#entry.forget();
    this.#breakpoints.forget();
    this.exact.forget();
    this.#recurrence.forget();
    csrs.translationChanged();
  }

  /** The VM has another size of RAM than before. */
  memoryResized(): void {
    this.#engine.memoryResized();
  }

  run(cycles: number, instructions = Infinity): HartStop {
    this.#spending.begin(cycles, instructions);
    this.#recurrence.begin();
    this.#access.stopRequested = false;
    this.#isFirst = true;
    return this.#go();
  }

  goOn(cost: number): HartStop {
    this.#spending.goOn(cost);
    this.#recurrence.disturb();
    this.#access.stopRequested = false;
    return this.#go();
  }

  #go(): HartStop {
    const spending = this.#spending;
    for (;;) {
      if (!spending.hasLeft() && !this.#recurrence.goesOn()) return 'budget';
      if (this.#traps.pending !== 0) {
        const code = this.#traps.nextInterrupt();
        if (code >= 0) {
          if (this.#isFirst) this.#breakpoints.interrupt();
          if (!this.#entry.take(INTERRUPT + code, 0, 0)) return 'unhandled-trap';
          continue;
        }
      }
      if (this.#csrs.contextChanged) this.#refresh();
      const translated = !this.#translation.isDirect;
      if (this.exact.areWanted) {
        const ended = this.#runExactly(translated);
        if (ended !== undefined) return ended;
        continue;
      }
      const skipsBreakpoint = this.#isFirst && this.#breakpoints.isReported();
      this.#access.begin();
      const stop = skipsBreakpoint ? this.#engine.step(translated) : this.#engine.run(translated);
      this.#fetch.afterRun();
      // Where instructions had to be found first, nothing has run yet.
      if (stop !== FETCH) {
        if (this.#isFirst) this.#breakpoints.pass();
        this.#isFirst = false;
      }
      const ended = stop === SYSTEM ? this.#executeSystem() : this.#handle(stop);
      if (ended !== undefined) return ended;
    }
  }

  /** One instruction. @returns why the run ends, if it does */
  #runExactly(translated: boolean): HartStop | undefined {
    if (this.exact.stopHere()) return 'breakpoint';
    this.#access.begin();
    const stop = this.exact.step(translated);
    this.#fetch.afterRun();
    if (stop === FETCH) return this.#handle(stop);
    this.#isFirst = false;
    this.#breakpoints.pass();
    const ended = this.#handle(stop);
    this.exact.after();
    return ended;
  }

  /** Mode, satp, mstatus or physical memory protection have changed. */
  #refresh(): void {
    this.#translation.refresh(this.#registers.mode);
    this.#fetch.reset();
  }

  /** @returns why the run ends, if it does. */
  #handle(stop: Stop): HartStop | undefined {
    if (stop === BUDGET) return undefined;
    const { words } = this.#registers;
    switch (stop) {
      case Stop.system:
        return this.#executeSystem();
      case Stop.trap:
        return this.#trap(words[CAUSE]!, words[VALUE]!, words[VALUE + 1]!);
      case Stop.attention:
        // Or what the engine went by has been forgotten, and it begins anew.
        return this.#access.stopRequested ? 'attention' : undefined;
      case Stop.breakpoint:
        if (!this.#breakpoints.stop()) {
          // The instruction that was reported before an interrupt came: it has yet to run.
          this.#isFirst = true;
          return undefined;
        }
        return 'breakpoint';
      case Stop.fetch: {
        // The engine knows no records for the pc.
        const cause = this.#fetch.prepare();
        return cause === NO_FAULT
          ? undefined
          : this.#trap(cause, this.#fetch.faultLow, this.#fetch.faultHigh);
      }
      case Stop.undecoded:
      case Stop.translated:
        throw new HypervisorBug('an engine left its own work undone');
    }
  }

  #executeSystem(): HartStop | undefined {
    const bits = this.#engine.encoding;
    this.#executing = true;
    const outcome = this.#system.execute(bits);
    this.#executing = false;
    if (outcome !== HYPERCALL) return this.#executed(outcome, bits);
    // Time passes now, so that the hypervisor acts after it; the instruction retires when the call returns.
    this.#spending.charge(this.#systemCost);
    this.#hypercallOpen = true;
    return 'hypercall';
  }

  /** A system instruction that is no hypercall has been executed. @returns why the run ends, if it does */
  #executed(outcome: Outcome, bits: number): HartStop | undefined {
    if (outcome === TRAP) return this.#trap(this.#system.cause, this.#system.value, 0);
    if (outcome !== JUMPED) this.#registers.advancePc(lengthOf(bits));
    this.#spending.retire(this.#systemCost);
    if (outcome === WAITING) return 'waiting';
    if (!this.#csrs.timerChanged) return undefined;
    // Whoever runs the hart has to know when it is due.
    this.#csrs.timerChanged = false;
    return 'attention';
  }

  #trap(cause: number, valueLow: number, valueHigh: number): HartStop | undefined {
    if (!this.#entry.take(cause, valueLow, valueHigh)) return 'unhandled-trap';
    this.#recurrence.trapped();
    return undefined;
  }

  get cyclesRun(): number {
    return this.#spending.cyclesRun;
  }

  get retired(): number {
    return this.#spending.retired;
  }

  requestStop(): void {
    this.#access.stopRequested = true;
  }

  low(register: number): number {
    return this.#registers.low(register);
  }

  high(register: number): number {
    return this.#registers.high(register);
  }

  set(register: number, low: number, high: number): void {
    this.#registers.set(register, low, high);
  }

  readRegister(register: number): bigint {
    return register === PC_REGISTER ? this.pc : this.#registers.read(register);
  }

  writeRegister(register: number, value: bigint): void {
    if (register === PC_REGISTER) this.pc = value;
    else this.#registers.write(register, value);
  }

  get pc(): bigint {
    return wide(this.#registers.pcLow, this.#registers.pcHigh);
  }

  /** Moving the pc away from a hypercall abandons it. */
  set pc(value: bigint) {
    this.#registers.setPc(lowOf(value), highOf(value));
    this.#hypercallOpen = false;
  }

  /** The privilege mode. */
  get mode(): Mode {
    return this.#registers.mode;
  }

  skip(count: number): void {
    const registers = this.#registers;
    for (let skipped = 0; skipped < count; skipped++) {
      registers.advancePc(lengthOf(this.#fetch.encodingAtPc()));
    }
    this.#hypercallOpen = false;
  }

  readCsr(number: number): bigint {
    this.#csrs.require(number);
    this.#csrs.read(number);
    return wide(this.#csrs.low, this.#csrs.high);
  }

  writeCsr(number: number, value: bigint): void {
    this.#csrs.require(number);
    this.#csrs.write(number, lowOf(value), highOf(value));
  }

  completeHypercall(error: number, value: number): void {
    const registers = this.#registers;
    registers.setNumber(A0, error);
    registers.setNumber(A1, value);
    if (!this.#hypercallOpen) return;
    this.#hypercallOpen = false;
    registers.advancePc(4);
    this.#spending.retireLate();
    this.exact.after();
  }

  setLine(line: InterruptLine, level: boolean): void {
    this.#csrs.setLine(line, level);
  }

  dropReservation(): void {
    this.#registers.dropReservation();
  }

  get timerTick(): number {
    return timerTick(this.#csrs);
  }

  advanceTimer(): void {
    settleTimer(this.#csrs);
  }

  get wakesUp(): boolean {
    return this.#traps.pending !== 0;
  }

  setBreakpoint(address: number): void {
    this.#breakpoints.set(address);
  }

  clearBreakpoint(address: number): void {
    this.#breakpoints.clear(address);
  }

  codeChanged(address: number, size: number): void {
    this.#memory.codeChanged(address, size);
  }

  get unhandledTrap(): UnhandledTrap {
    return this.#entry.unhandled;
  }

  save(): HartState {
    this.#spending.settle();
    this.#registers.clearScratch();
    this.#csrs.contextChanged = true;
    return {
      retired: this.retired,
      hypercallOpen: this.#hypercallOpen,
      ...this.#entry.save(),
      breakpoint: this.#breakpoints.save(),
      replacement: this.exact.save(),
    };
  }

  /** The block must have been restored before. */
  restore(state: unknown): void {
    const saved = state as HartState;
    const { retired, hypercallOpen, breakpoint } = saved;
    this.#breakpoints.restore(breakpoint);
    this.exact.restore(saved.replacement);
    this.#spending.restore(retired);
    this.#recurrence.forget();
    this.#hypercallOpen = hypercallOpen;
    this.#entry.restore(saved);
    this.#csrs.translationChanged();
  }
}
