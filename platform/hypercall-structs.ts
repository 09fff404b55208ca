/**
 * The structures that hypercalls write into guest memory, and the numbers in them. One definition: the
 * hypervisor encodes with it, C headers are generated from it.
 */
import { FAULT_CODES } from './fault-info';
import type { ArgumentType } from './hypercalls';
import { struct, u32, u64, type Message } from './message';

/** Why a VM (re)started. */
export const START_REASONS = {
  boot: 0,
  cold: 1,
  warm: 2,
  snapshot: 3,
  reboot: 4,
  update: 5,
  migration: 6,
} as const;

/** Operating modes of a partition (ARINC 653 part 1, OPERATING_MODE_TYPE). */
export const OPERATING_MODES = { 'cold-start': 0, 'warm-start': 1, normal: 2, idle: 3 } as const;

/** States of a VM's life cycle. */
export const VM_STATES = {
  created: 0,
  running: 1,
  waiting: 2,
  suspended: 3,
  halted: 4,
  crashed: 5,
  restarting: 6,
  destroyed: 7,
} as const;

/** The `kind` of `partition restart`. */
export const RESTART_KINDS = { cold: 0, warm: 1, snapshot: 2 } as const;

/** What `hsm hartGetStatus` tells of a hart (SBI 2.0, section 9.1), and the kinds of `hsm hartSuspend` (section 9.4). */
export const HART_STATUSES = { started: 0, stopped: 1, suspended: 4 } as const;
export const HART_SUSPENSIONS = { retentive: 0, 'non-retentive': 0x8000_0000 } as const;

/** The `kind` of `trace property`. */
export const PROPERTY_KINDS = { always: 0, sometimes: 1, reachable: 2, unreachable: 3 } as const;

/** The kind of a fault in `PartitionStatus.faultKind`: `FAULT_CODES`, and 0 when there was none. */
export const FAULT_KINDS = { none: 0, ...FAULT_CODES } as const;

/** What `partition status` and `statusOf` tell of a VM. */
export const PartitionStatus = struct('PartitionStatus', {
  /** One of START_REASONS. */
  startReason: u32,
  /** How often the VM has been restarted since the machine started. */
  restarts: u32,
  /** One of OPERATING_MODES. */
  mode: u32,
  /** One of VM_STATES. */
  state: u32,
  /** One of FAULT_KINDS: the last fault, also of an earlier life. */
  faultKind: u32,
  /** The trap's cause, the application error's code, the exit code, or the REJECTION of an image; else 0. */
  faultCode: u32,
  /** The pc at which a trap happened; else 0. */
  faultPc: u64,
});

/** What `partition account` and `accountOf` tell of a VM: all since the machine started. */
export const PartitionAccount = struct('PartitionAccount', {
  /** Nanoseconds of core time that it has had. */
  cpuTime: u64,
  /** Bytes of RAM that it has now. */
  ram: u64,
  messagesSent: u64,
  messagesReceived: u64,
  /** Of those messages. */
  bytesSent: u64,
  bytesReceived: u64,
  /** Crashes, whatever the reason. */
  crashes: u32,
  /** Starts, the first one too. */
  starts: u32,
  deniedHypercalls: u32,
  deadlineMisses: u32,
  /** Periods in which its budget was used up. */
  budgetsExhausted: u32,
});

/** What `health nextEvent` tells a supervisor VM that is asked what is to be done. */
export const HealthEvent = struct('HealthEvent', {
  /** Virtual nanoseconds of the error, and the last ones for an answer. */
  at: u64,
  deadline: u64,
  /** The pc at which a trap happened; else 0. */
  faultPc: u64,
  /** The event's number, for the answer. */
  number: u32,
  /** The VM's number. */
  vm: u32,
  /** One of HEALTH_ERRORS. */
  error: u32,
  /** One of HEALTH_STATES: the VM's at that moment. */
  state: u32,
  /** One of FAULT_KINDS: 0 when the VM has not crashed. */
  faultKind: u32,
  /** The trap's cause, the application error's code or the exit code; else 0. */
  faultCode: u32,
});

/** What `channel samplingRead` tells of a value besides its bytes. */
export const SampleStatus = struct('SampleStatus', {
  /** Nanoseconds since the value was written; 0 when it never was. */
  age: u64,
  /** 1 when there is a value and it is not older than the channel's validity, else 0. */
  valid: u32,
});

/** Where a shared region lies in the caller's address space. */
export const SharedRegion = struct('SharedRegion', { address: u64, size: u64 });

/** What `channel rpcReceive` tells of a call besides its bytes. */
export const ReceivedCall = struct('ReceivedCall', {
  /** Nanoseconds since the call was made. */
  age: u64,
  /** Its number, for the reply. */
  number: u32,
});

/** What `schedule status` tells of the machine's schedules. */
export const ScheduleStatus = struct('ScheduleStatus', {
  /** Nanoseconds since the machine started at which the current schedule began; 0 for the initial one. */
  switchedAt: u64,
  /** Nanoseconds since the machine started at which the present major frame ends. */
  frameEndsAt: u64,
  /** Numbers of schedules. */
  current: u32,
  /** The one after the present major frame: the current one unless a switch was asked for. */
  next: u32,
});

/** What `update status` tells of the update of a VM. */
export const UpdateStatus = struct('UpdateStatus', {
  /** One of UPDATE_STAGES. */
  stage: u32,
  /** Bytes of the image, and how many of them are there. */
  size: u32,
  received: u32,
  /** Of the last update that has ended: one of UPDATE_RESULTS, one of UPDATE_FAILURES, and where that is `rejected`, a REJECTION. */
  result: u32,
  why: u32,
  rejection: u32,
  /** The image slot that the VM boots. */
  slot: u32,
  /** How often its boot record has been written. */
  sequence: u32,
});

/** The structure that each `out-struct` argument of a hypercall points to; `u64` is a plain 64-bit integer. */
export const HYPERCALL_STRUCTS = {
  'partition-status': PartitionStatus,
  'partition-account': PartitionAccount,
  'sample-status': SampleStatus,
  region: SharedRegion,
  'received-call': ReceivedCall,
  'health-event': HealthEvent,
  'schedule-status': ScheduleStatus,
  'update-status': UpdateStatus,
} as const satisfies Record<Exclude<Extract<ArgumentType, { is: 'out-struct' }>['struct'], 'u64'>, Message>;
