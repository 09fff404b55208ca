/** What a VM has used and what became of it since the machine started, counted from what is recorded of it. */
import type { TraceEvent } from '../trace/events';

/** Whole numbers, which only grow; a restart or a restored snapshot of the VM does not take them back. */
export interface AccountState {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Of those messages. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly framesDropped: number;
  readonly consoleLines: number;
  /** Crashes, whatever the reason. */
  readonly crashes: number;
  /** Faults that a spec or a campaign injected into it. */
  readonly faultsInjected: number;
  readonly deniedHypercalls: number;
  readonly deadlineMisses: number;
  /** Periods in which its budget was used up. */
  readonly budgetsExhausted: number;
  /** Times that one of its harts went on on another core than before. */
  readonly hartMigrations: number;
  /** Starts, the first one too. */
  readonly starts: number;
}

const NOTHING: AccountState = {
  messagesSent: 0,
  messagesReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  framesSent: 0,
  framesReceived: 0,
  framesDropped: 0,
  consoleLines: 0,
  crashes: 0,
  faultsInjected: 0,
  deniedHypercalls: 0,
  deadlineMisses: 0,
  budgetsExhausted: 0,
  hartMigrations: 0,
  starts: 0,
};

const COUNTED = {
  'message-sent': 'messagesSent',
  'message-received': 'messagesReceived',
  'frame-sent': 'framesSent',
  'frame-received': 'framesReceived',
  'frame-dropped': 'framesDropped',
  console: 'consoleLines',
  'vm-crashed': 'crashes',
  'fault-injected': 'faultsInjected',
  'hypercall-denied': 'deniedHypercalls',
  'deadline-missed': 'deadlineMisses',
  'budget-exhausted': 'budgetsExhausted',
  'hart-migrated': 'hartMigrations',
  'vm-started': 'starts',
} as const satisfies Partial<Record<TraceEvent['kind'], keyof AccountState>>;

export class Account {
  #counts: { -readonly [Key in keyof AccountState]: number } = { ...NOTHING };

  /** Something was recorded of the VM. */
  observe(event: TraceEvent): void {
    const counted = (COUNTED as Partial<Record<TraceEvent['kind'], keyof AccountState>>)[event.kind];
    if (counted === undefined) return;
    if (event.kind === 'message-sent' || event.kind === 'message-received')
      this.countMessage(event.kind, event.bytes.length);
    else this.#counts[counted]++;
  }

  /** A message of so many bytes was recorded of the VM. */
  countMessage(kind: 'message-sent' | 'message-received', size: number): void {
    const counts = this.#counts;
    if (kind === 'message-sent') {
      counts.messagesSent++;
      counts.bytesSent += size;
    } else {
      counts.messagesReceived++;
      counts.bytesReceived += size;
    }
  }

  save(): AccountState {
    return { ...this.#counts };
  }

  restore(state: AccountState): void {
    this.#counts = { ...state };
  }
}
