/** What supervisor VMs are asked and have not answered yet. */
import { HEALTH_ANSWERS, type Ask, type HealthAnswer } from '../../platform/health';
import type { HealthReport } from './report';

/** An error of a VM that a supervisor VM is to decide on. */
export interface Question {
  readonly number: number;
  readonly vm: number;
  /** The life of the VM that the error is of. */
  readonly generation: number;
  readonly supervisor: number;
  readonly report: HealthReport;
  readonly ask: Ask;
  /** Virtual nanoseconds of the error. */
  readonly at: number;
  /** Virtual nanoseconds, and the cycle, from which on an answer is too late. */
  readonly deadline: number;
  readonly due: number;
  /** The supervisor has it in hand. */
  readonly isTaken: boolean;
}

export interface QuestionsState {
  readonly asked: number;
  readonly open: readonly Question[];
}

export class Questions {
  #asked = 0;
  #open: readonly Question[] = [];

  /** @returns the number of the event. */
  add(question: Omit<Question, 'number' | 'isTaken'>): number {
    this.#asked++;
    this.#open = [...this.#open, { ...question, number: this.#asked, isTaken: false }];
    return this.#asked;
  }

  get open(): readonly Question[] {
    return this.#open;
  }

  find(number: number): Question | undefined {
    return this.#open.find((question) => question.number === number);
  }

  close(number: number): void {
    this.#open = this.#open.filter((question) => question.number !== number);
  }

  take(number: number): void {
    this.#open = this.#open.map((question) =>
      question.number === number ? { ...question, isTaken: true } : question,
    );
  }

  /** What the supervisor's earlier life had in hand waits for its present one. */
  putBack(supervisor: number): void {
    this.#open = this.#open.map((question) =>
      question.supervisor === supervisor ? { ...question, isTaken: false } : question,
    );
  }

  /** The cycle at which the next one is decided without an answer. */
  nextEventAt(): number {
    let next = Infinity;
    for (const { due } of this.#open) if (due < next) next = due;
    return next;
  }

  save(): QuestionsState {
    return { asked: this.#asked, open: this.#open };
  }

  restore({ asked, open }: QuestionsState): void {
    this.#asked = asked;
    this.#open = open;
  }
}

/** What may be answered: what is declared, else everything that fits but halting the machine. */
export function allowsAnswer({ ask, report }: Question, answer: HealthAnswer): boolean {
  // Who has crashed cannot go on, whatever is declared.
  if (answer === 'ignore' && report.fault !== undefined) return false;
  return (ask.answers ?? ALL_BUT_HALTING).includes(answer);
}

const ALL_BUT_HALTING = (Object.keys(HEALTH_ANSWERS) as readonly HealthAnswer[]).filter(
  (answer) => answer !== 'halt-machine',
);
