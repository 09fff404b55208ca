/**
 * The health monitor (ARINC 653 part 1, health monitoring): hears of every error of a VM, looks up what the VM's table
 * says of it in the VM's state, records it, and has it carried out, or asks a supervisor VM.
 */
import { FAULT_CODES, type FaultInfo } from '../../platform/fault-info';
import {
  type Ask,
  HEALTH_ERRORS,
  type HealthAction,
  type HealthAnswer,
  type HealthError,
  type HealthState,
  type FaultPolicy,
  type RestartKind,
  type ScheduleSwitch,
  supervisorsIn,
} from '../../platform/health';
import type { ClockConversion } from '../../platform/time';
import type { HealthDesk } from '../hypercalls';
import type { HealthActionName, TraceEvent } from '../trace/events';
import type { Vm } from '../vm/vm';
import { decide, type HealthDecision } from './decide';
import { errorOf } from './errors';
import { allowsAnswer, type Question, Questions, type QuestionsState } from './questions';
import type { HealthReport } from './report';

/** An error that a VM survives, heard of in the midst of something else: it is attended to when that is done. */
interface Heard {
  readonly vm: number;
  readonly generation: number;
  readonly report: HealthReport;
}

export interface HealthMonitorState {
  readonly heard: readonly Heard[];
  readonly questions: QuestionsState;
}

export interface HealthEnvironment {
  readonly vms: readonly Vm[];
  readonly clock: Pick<ClockConversion, 'nanosecondsToCycles'>;
  /** Cycles at which what happens now happens. */
  cycles(): number;
  /** The same, to the VM. */
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
  restart(vm: Vm, kind: RestartKind, after: number): void;
  stop(vm: Vm, code: number): void;
  escalate(vm: Vm, to: string): void;
  setSchedule(schedule: string): void;
  /** An event waits for a VM that may be waiting for one. */
  tell(supervisor: Vm): void;
}

export class HealthMonitor {
  readonly #environment: HealthEnvironment;
  readonly #questions = new Questions();
  #heard: readonly Heard[] = [];

  constructor(environment: HealthEnvironment) {
    this.#environment = environment;
  }

  /** A fault that the guest does not handle itself, in the state in which it happened. */
  reportOf(vm: Vm, fault: FaultInfo): HealthReport {
    return { error: errorOf(fault), state: stateOf(vm), fault };
  }

  /** Whether a table says what is to be done. */
  isDeclared(vm: Vm, report: HealthReport): boolean {
    return tableOf(vm, report) !== undefined;
  }

  /** Whether the VM goes on as if nothing had been; recorded if the table says so. */
  passesOver(vm: Vm, report: HealthReport): boolean {
    const action = tableOf(vm, report);
    if (action === undefined || !isSurvived(action)) return false;
    this.#record(vm, report, action);
    this.#goOn(action);
    return true;
  }

  /** Does what is declared for it. */
  attend(vm: Vm, report: HealthReport): void {
    const declared = tableOf(vm, report);
    if (typeof declared === 'object' && 'ask' in declared) return this.#ask(vm, report, declared);
    if (declared !== undefined) this.#record(vm, report, declared);
    // A policy of crashes is none of what the VM has survived.
    const action = declared ?? (report.fault === undefined ? 'ignore' : vm.definition.onFault);
    if (isSurvived(action)) this.#goOn(action);
    else this.#follow(vm, report, action);
  }

  /** Something was recorded: an error that its VM survives is attended to when whatever happens now is done. */
  observe(event: TraceEvent): void {
    const error = SURVIVED[event.kind];
    if (error === undefined || !('vm' in event)) return;
    const vm = this.#environment.vms.find(({ name }) => name === event.vm);
    if (vm === undefined) return;
    const report: HealthReport = { error, state: stateOf(vm), fault: undefined };
    if (tableOf(vm, report) === undefined) return;
    this.#heard = [...this.#heard, { vm: vm.number, generation: vm.generation, report }];
  }

  /** A supervisor VM has answered, as `deskOf` has found it may. */
  decided(event: number, answer: HealthAnswer): void {
    const question = this.#questions.find(event);
    if (question === undefined) return;
    const vm = this.#vm(question.vm);
    this.#close(question, answer, 'answer');
    if (answer === 'ignore') return;
    if (answer === 'halt-machine') return this.#environment.escalate(vm, 'machine');
    const decision: HealthDecision =
      answer === 'stop'
        ? { is: 'stop', why: 'its supervisor has decided so' }
        : { is: 'restart', kind: RESTARTS[answer], after: 0 };
    this.#carryOut(vm, question.report, decision);
  }

  /** A VM begins a new life: what it had taken as a supervisor and not decided, it is told again. */
  started(vm: Vm): void {
    this.#questions.putBack(vm.number);
  }

  /** A VM as the supervisor of others. */
  deskOf(supervisor: Vm): HealthDesk {
    const asks = ({ definition }: Vm): boolean => supervisorsIn(definition.health).includes(supervisor.name);
    const openOnes = (): readonly Question[] =>
      this.#questions.open.filter(
        (question) => question.supervisor === supervisor.number && this.#stands(question),
      );
    const next = (): Question | undefined => openOnes().find(({ isTaken }) => !isTaken);
    const { vms } = this.#environment;
    return {
      isAsked: vms.some(asks),
      isAskedAbout: (vm) => asks(this.#vm(vm)),
      get hasNews() {
        return next() !== undefined;
      },
      takeEvent: () => {
        const question = next();
        if (question === undefined) return undefined;
        this.#questions.take(question.number);
        const { number, vm, at, deadline, report } = question;
        const { isConfidential } = this.#vm(vm);
        return { number, vm, at, deadline, isConfidential, ...report };
      },
      judge: (vm, event, answer) => {
        const question = openOnes().find(({ number }) => number === event);
        if (question === undefined || question.vm !== vm) return 'not-open';
        return allowsAnswer(question, answer) ? 'allowed' : 'not-allowed';
      },
    };
  }

  nextEventAt(): number {
    return this.#heard.length > 0 ? this.#environment.cycles() : this.#questions.nextEventAt();
  }

  advance(now: number): void {
    for (const question of this.#questions.open) {
      if (question.due > now) continue;
      if (this.#stands(question)) this.#settle(question, 'no-answer');
      else this.#questions.close(question.number);
    }
    const heard = this.#heard;
    if (heard.length === 0) return;
    this.#heard = [];
    for (const { vm: number, generation, report } of heard) {
      const vm = this.#vm(number);
      if (vm.generation === generation && vm.isAlive) this.attend(vm, report);
    }
  }

  save(): HealthMonitorState {
    return { heard: this.#heard, questions: this.#questions.save() };
  }

  restore(state: HealthMonitorState): void {
    this.#heard = state.heard;
    this.#questions.restore(state.questions);
  }

  #ask(vm: Vm, report: HealthReport, ask: Ask): void {
    const { vms, clock, cyclesOf, tell } = this.#environment;
    const supervisor = vms.find(({ name }) => name === ask.ask)!;
    const number = this.#questions.add({
      vm: vm.number,
      generation: vm.generation,
      supervisor: supervisor.number,
      report,
      ask,
      at: vm.now,
      deadline: vm.now + ask.within,
      due: cyclesOf(vm) + clock.nanosecondsToCycles(ask.within),
    });
    this.#record(vm, report, ask, number);
    if (canAnswer(supervisor)) tell(supervisor);
    else this.#settle(this.#questions.find(number)!, 'nobody-there');
  }

  /** Does what is declared for want of an answer. */
  #settle(question: Question, by: 'no-answer' | 'nobody-there'): void {
    const vm = this.#vm(question.vm);
    const { otherwise } = question.ask;
    this.#close(question, nameOf(otherwise), by);
    if (isSurvived(otherwise)) this.#goOn(otherwise);
    else this.#follow(vm, question.report, otherwise);
  }

  #close(question: Question, action: HealthActionName, by: 'answer' | 'no-answer' | 'nobody-there'): void {
    this.#questions.close(question.number);
    const vm = this.#vm(question.vm);
    const { number: event, ask } = question;
    this.#environment.trace({
      at: vm.now,
      kind: 'health-decided',
      vm: vm.name,
      event,
      action,
      supervisor: ask.ask,
      by,
    });
  }

  /** Whether the VM is still in the state in which somebody was asked about it. */
  #stands({ vm: number, generation, report }: Question): boolean {
    const vm = this.#vm(number);
    if (vm.generation !== generation) return false;
    return report.fault === undefined ? vm.isAlive : vm.life.is === 'crashed';
  }

  /** The VM goes on. */
  #goOn(action: Survived): void {
    if (typeof action === 'object') this.#environment.setSchedule(action.setSchedule);
  }

  #follow(vm: Vm, report: HealthReport, policy: FaultPolicy): void {
    this.#carryOut(vm, report, decide(policy, vm.restartTimes, vm.now, report.fault));
  }

  #carryOut(vm: Vm, { error, fault }: HealthReport, decision: HealthDecision): void {
    const { restart, stop, escalate } = this.#environment;
    switch (decision.is) {
      case 'restart':
        vm.restartTimes = [...vm.restartTimes, vm.now];
        return restart(vm, decision.kind, decision.after);
      case 'stop':
        return stop(vm, fault === undefined ? HEALTH_ERRORS[error] : FAULT_CODES[fault.kind]);
      case 'escalate':
        return escalate(vm, decision.to);
    }
  }

  #record(vm: Vm, { error, state }: HealthReport, action: HealthAction, event?: number): void {
    if (action === 'ignore') return;
    this.#environment.trace({
      at: vm.now,
      kind: 'health-event',
      vm: vm.name,
      error,
      state,
      action: nameOf(action),
      ...(event === undefined ? {} : { event }),
    });
  }

  #vm(number: number): Vm {
    return this.#environment.vms[number]!;
  }
}

/** Records that are errors of their VM which it survives. */
const SURVIVED: { readonly [Kind in TraceEvent['kind']]?: HealthError } = {
  'deadline-missed': 'deadline-missed',
  'hypercall-denied': 'illegal-request',
};

/** Actions after which the VM goes on as if nothing had been. */
type Survived = 'ignore' | 'log' | ScheduleSwitch;

const isSurvived = <Action extends HealthAction>(action: Action): action is Extract<Action, Survived> =>
  action === 'ignore' || action === 'log' || (typeof action === 'object' && 'setSchedule' in action);

const RESTARTS = { 'restart-cold': 'cold', 'restart-warm': 'warm', 'restart-snapshot': 'snapshot' } as const;

const stateOf = (vm: Vm): HealthState => (vm.mode === 'normal' ? 'run' : 'init');

/** Whether a supervisor may come to answer: one that is restarted may. */
const canAnswer = (vm: Vm): boolean => vm.isAlive || vm.life.is === 'restarting';

const tableOf = (vm: Vm, { error, state }: HealthReport): HealthAction | undefined =>
  vm.definition.health[error]?.[state];

function nameOf(action: HealthAction): HealthActionName {
  if (typeof action === 'string') return action;
  if ('ask' in action) return 'ask';
  if ('setSchedule' in action) return 'set-schedule';
  if (!('escalateTo' in action)) return `restart-${action.restart}`;
  return action.escalateTo === 'machine' ? 'halt-machine' : 'escalate';
}
