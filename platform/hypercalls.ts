/**
 * Every hypercall, once. C headers, documentation, dispatch and argument checks are derived from this table.
 *
 * Calling convention of the RISC-V SBI (Supervisor Binary Interface 2.0, section 3): `a7` extension,
 * `a6` function, `a0`-`a5` arguments; the error returns in `a0`, the value in `a1`. An argument of type
 * `u64` takes one register on RV64 and two consecutive registers (low, high) on RV32.
 */
import type { ChannelRight } from './policy/channel-rights';

/** Error codes (SBI 2.0, section 3.1; `timeout` from SBI 3.0). */
export const SBI_ERRORS = {
  success: 0,
  failed: -1,
  'not-supported': -2,
  'invalid-parameter': -3,
  denied: -4,
  'invalid-address': -5,
  'already-available': -6,
  'already-started': -7,
  'already-stopped': -8,
  'no-shared-memory': -9,
  'invalid-state': -10,
  'bad-range': -11,
  timeout: -12,
} as const;
export type SbiError = keyof typeof SBI_ERRORS;

/** The platform's own extensions live in the SBI's firmware-specific space. */
const PLATFORM_EXTENSIONS = 0x0a54_5600;

export const EXTENSIONS = {
  base: 0x10,
  time: 0x5449_4d45,
  ipi: 0x0073_5049,
  rfence: 0x5246_4e43,
  hsm: 0x0048_534d,
  srst: 0x5352_5354,
  dbcn: 0x4442_434e,
  partition: PLATFORM_EXTENSIONS + 0,
  channel: PLATFORM_EXTENSIONS + 1,
  health: PLATFORM_EXTENSIONS + 2,
  clock: PLATFORM_EXTENSIONS + 3,
  trace: PLATFORM_EXTENSIONS + 6,
  update: PLATFORM_EXTENSIONS + 7,
  debug: PLATFORM_EXTENSIONS + 8,
  schedule: PLATFORM_EXTENSIONS + 9,
} as const;
export type ExtensionName = keyof typeof EXTENSIONS;

/**
 * How an argument is passed and checked. `in`/`out` are addresses of guest memory, checked against the
 * caller's own RAM (and, for `in`, its shared regions) before the hypercall acts.
 */
export type ArgumentType =
  | { readonly is: 'word' }
  | { readonly is: 'u64' }
  | { readonly is: 'port' }
  | { readonly is: 'vm' }
  /** A buffer the hypervisor reads; the next argument is its length in bytes. */
  | { readonly is: 'in' }
  /** A buffer the hypervisor writes; the next argument is its capacity in bytes. */
  | { readonly is: 'out' }
  /** A buffer the hypervisor reads and later writes; the next two arguments are the bytes to read and its capacity. */
  | { readonly is: 'in-out' }
  /** Address of a structure the hypervisor writes. */
  | {
      readonly is: 'out-struct';
      readonly struct:
        | 'u64'
        | 'partition-status'
        | 'partition-account'
        | 'sample-status'
        | 'region'
        | 'received-call'
        | 'health-event'
        | 'schedule-status'
        | 'update-status';
    };

export interface HypercallArgument {
  readonly name: string;
  readonly type: ArgumentType;
}

export interface Hypercall {
  readonly extension: ExtensionName;
  readonly function: number;
  /** Name in camelCase, unique within its extension; C wrappers derive theirs from extension and name. */
  readonly name: string;
  readonly args: readonly HypercallArgument[];
  /** Of a call at a port: what it does there, to which the channel's kind and end must give a right. */
  readonly right?: ChannelRight;
  /** What `a1` holds on success. */
  readonly value?: string;
  readonly errors: readonly SbiError[];
  /** Who may call: any guest, or one with declared authority over the VM named by the `vm` argument, or that may debug it, decides on its health, or may update it. */
  readonly callers: 'any' | 'authority' | 'debugger' | 'supervisor' | 'updater';
  /** Whether the caller may wait; its last `u64` argument is then the timeout in nanoseconds (0: poll, all ones: for ever). */
  readonly blocks?: true;
  /** Cycles beyond the cost model's base, before copying. */
  readonly cost: number;
  readonly doc: string;
}

const word = (name: string): HypercallArgument => ({ name, type: { is: 'word' } });
const u64 = (name: string): HypercallArgument => ({ name, type: { is: 'u64' } });
const port: HypercallArgument = { name: 'port', type: { is: 'port' } };
const vm: HypercallArgument = { name: 'vm', type: { is: 'vm' } };
const input = (name: string): readonly HypercallArgument[] => [
  { name, type: { is: 'in' } },
  word(`${name}Size`),
];
const output = (name: string): readonly HypercallArgument[] => [
  { name, type: { is: 'out' } },
  word(`${name}Capacity`),
];
const inOut = (name: string): readonly HypercallArgument[] => [
  { name, type: { is: 'in-out' } },
  word(`${name}Size`),
  word(`${name}Capacity`),
];
const outStruct = (
  name: string,
  struct: Extract<ArgumentType, { is: 'out-struct' }>['struct'],
): HypercallArgument => ({ name, type: { is: 'out-struct', struct } });

/** A row; `errors` has those that neither its arguments nor its callers bring. */
type Row = Omit<Hypercall, 'extension' | 'callers' | 'cost' | 'errors'> &
  Partial<Pick<Hypercall, 'callers' | 'cost' | 'errors'>>;

/** What an argument is refused with that names nothing, or lies outside of what the caller may have read or written. */
const refusedWith = ({ type: { is } }: HypercallArgument): readonly SbiError[] =>
  is === 'port' || is === 'vm'
    ? ['invalid-parameter']
    : is === 'word' || is === 'u64'
      ? []
      : ['invalid-address'];

const group = (extension: ExtensionName, rows: readonly Row[]): readonly Hypercall[] =>
  rows.map(({ callers = 'any', cost = 0, errors = [], ...row }) => {
    const denied: readonly SbiError[] = callers === 'any' ? [] : ['denied'];
    const all = new Set([...row.args.flatMap(refusedWith), ...denied, ...errors]);
    return { ...row, extension, callers, cost, errors: [...all] };
  });

export const HYPERCALLS: readonly Hypercall[] = [
  ...group('base', [
    {
      function: 0,
      name: 'getSpecVersion',
      args: [],
      value: 'SBI version: major in bits 30-24, minor below',
      doc: 'The SBI version implemented (2.0).',
    },
    {
      function: 1,
      name: 'getImplementationId',
      args: [],
      value: 'implementation id',
      doc: 'Which SBI implementation this is.',
    },
    {
      function: 2,
      name: 'getImplementationVersion',
      args: [],
      value: 'version',
      doc: 'Version of the implementation.',
    },
    {
      function: 3,
      name: 'probeExtension',
      args: [word('extensionId')],
      value: '1 when available, else 0',
      doc: 'Whether an extension is available.',
    },
    {
      function: 4,
      name: 'getMachineVendorId',
      args: [],
      value: 'mvendorid',
      doc: 'The hart’s mvendorid.',
    },
    {
      function: 5,
      name: 'getMachineArchitectureId',
      args: [],
      value: 'marchid',
      doc: 'The hart’s marchid.',
    },
    {
      function: 6,
      name: 'getMachineImplementationId',
      args: [],
      value: 'mimpid',
      doc: 'The hart’s mimpid.',
    },
  ]),
  ...group('time', [
    {
      function: 0,
      name: 'setTimer',
      args: [u64('deadline')],
      doc: 'Raise the supervisor timer interrupt when `time` reaches `deadline` (ticks of the 10 MHz timebase); clears a pending one.',
    },
  ]),
  ...group('ipi', [
    {
      function: 0,
      name: 'sendIpi',
      args: [word('hartMask'), word('hartMaskBase')],
      errors: ['invalid-parameter'],
      doc: 'Raise the supervisor software interrupt of the harts in the mask (base −1: all harts).',
    },
  ]),
  ...group('rfence', [
    {
      function: 0,
      name: 'remoteFenceI',
      args: [word('hartMask'), word('hartMaskBase')],
      errors: ['invalid-parameter'],
      doc: 'Let the harts in the mask execute FENCE.I. Instruction memory is coherent: nothing is left to do.',
    },
    {
      function: 1,
      name: 'remoteSfenceVma',
      args: [word('hartMask'), word('hartMaskBase'), word('startAddress'), word('rangeSize')],
      errors: ['invalid-parameter'],
      doc: 'Let the harts in the mask execute SFENCE.VMA for a range. Page tables are coherent: nothing is left to do.',
    },
    {
      function: 2,
      name: 'remoteSfenceVmaAsid',
      args: [
        word('hartMask'),
        word('hartMaskBase'),
        word('startAddress'),
        word('rangeSize'),
        word('addressSpace'),
      ],
      errors: ['invalid-parameter'],
      doc: 'The same for one address space.',
    },
  ]),
  ...group('hsm', [
    {
      function: 0,
      name: 'hartStart',
      args: [word('hart'), word('startAddress'), word('opaque')],
      errors: ['invalid-parameter', 'invalid-address', 'already-available', 'failed'],
      doc: 'Start a stopped hart in supervisor mode at `startAddress` with a0 = hart id, a1 = opaque.',
    },
    {
      function: 1,
      name: 'hartStop',
      args: [],
      errors: ['failed'],
      doc: 'Stop the calling hart. Does not return; refused to the last hart that is started.',
    },
    {
      function: 2,
      name: 'hartGetStatus',
      args: [word('hart')],
      value: '0 started, 1 stopped, 4 suspended',
      errors: ['invalid-parameter'],
      doc: 'State of a hart.',
    },
    {
      function: 3,
      name: 'hartSuspend',
      args: [word('suspendType'), word('resumeAddress'), word('opaque')],
      errors: ['invalid-parameter', 'not-supported', 'invalid-address'],
      doc: 'Suspend the calling hart until an interrupt: type 0 retentive, 0x80000000 non-retentive (resumes at `resumeAddress`).',
    },
  ]),
  ...group('srst', [
    {
      function: 0,
      name: 'systemReset',
      args: [word('resetType'), word('reason')],
      errors: ['invalid-parameter', 'not-supported'],
      doc: 'Type 0 shutdown, 1 cold reboot, 2 warm reboot; reason 0 none, 1 system failure. Does not return.',
    },
  ]),
  ...group('dbcn', [
    {
      function: 0,
      name: 'consoleWrite',
      args: [word('size'), word('addressLow'), word('addressHigh')],
      value: 'bytes written',
      errors: ['invalid-parameter', 'denied', 'failed'],
      doc: 'Write bytes from guest memory to the console.',
    },
    {
      function: 1,
      name: 'consoleRead',
      args: [word('size'), word('addressLow'), word('addressHigh')],
      value: 'bytes read',
      errors: ['invalid-parameter', 'denied', 'failed'],
      doc: 'Read waiting console input into guest memory; does not wait.',
    },
    {
      function: 2,
      name: 'consoleWriteByte',
      args: [word('byte')],
      errors: ['denied', 'failed'],
      doc: 'Write one byte to the console.',
    },
  ]),
  ...group('partition', [
    {
      function: 0,
      name: 'status',
      args: [outStruct('status', 'partition-status')],
      doc: 'The caller’s own status: start reason, restarts, operating mode, last fault.',
    },
    {
      function: 1,
      name: 'setMode',
      args: [word('mode')],
      errors: ['invalid-parameter'],
      doc: 'Set the operating mode: 0 cold start, 1 warm start, 2 normal, 3 idle (ARINC 653 part 1, SET_PARTITION_MODE). Entering normal takes the snapshot that a `snapshot` restart returns to.',
    },
    {
      function: 2,
      name: 'idle',
      args: [],
      blocks: true,
      doc: 'Wait until an interrupt is pending, a message or signal arrives at one of the caller’s ports, or an error of another VM waits for it to decide.',
    },
    {
      function: 3,
      name: 'heartbeat',
      args: [u64('timeout')],
      doc: 'Feed the VM’s watchdog: unless fed again within `timeout` nanoseconds the VM crashes. 0 disarms it. A watchdog that the system declares is armed from the start on and waits no longer than declared, whatever is asked for.',
    },
    {
      function: 4,
      name: 'lookup',
      args: [...input('name')],
      value: 'VM number',
      errors: ['invalid-parameter'],
      doc: 'Number of the VM with this name, for the calls below.',
    },
    {
      function: 5,
      name: 'start',
      args: [vm],
      errors: ['already-started'],
      callers: 'authority',
      doc: 'Start a created or halted VM from cold.',
    },
    {
      function: 6,
      name: 'stop',
      args: [vm],
      errors: ['already-stopped'],
      callers: 'authority',
      doc: 'Halt a VM.',
    },
    {
      function: 7,
      name: 'suspend',
      args: [vm],
      errors: ['invalid-state'],
      callers: 'authority',
      doc: 'Take a VM’s core time away until it is resumed.',
    },
    {
      function: 8,
      name: 'resume',
      args: [vm],
      errors: ['invalid-state'],
      callers: 'authority',
      doc: 'Resume a suspended VM.',
    },
    {
      function: 9,
      name: 'restart',
      args: [vm, word('kind')],
      errors: ['invalid-state'],
      callers: 'authority',
      doc: 'Restart a VM: kind 0 cold, 1 warm, 2 from its snapshot. One that was destroyed must be created first (invalid-state).',
    },
    {
      function: 10,
      name: 'statusOf',
      args: [vm, outStruct('status', 'partition-status')],
      callers: 'authority',
      doc: 'Status of another VM.',
    },
    {
      function: 11,
      name: 'create',
      args: [vm],
      errors: ['already-available'],
      callers: 'authority',
      doc: 'Create a destroyed VM again, as it was delivered; `start` then starts it.',
    },
    {
      function: 12,
      name: 'destroy',
      args: [vm],
      errors: ['already-stopped'],
      callers: 'authority',
      doc: 'End a VM and clear its RAM, disks and flash. Its place in the system remains.',
    },
    {
      function: 13,
      name: 'setRam',
      args: [vm, word('size')],
      errors: ['bad-range'],
      callers: 'authority',
      doc: 'Give a VM so many bytes of RAM from its next start on: whole pages, within its declared limit, with room for its image.',
    },
    {
      function: 14,
      name: 'setBudget',
      args: [vm, u64('budget')],
      errors: ['bad-range', 'invalid-state'],
      callers: 'authority',
      doc: 'Give a VM so many nanoseconds of core time in every period, from now on: within its declared limit, and no more than its core has left. A VM without a budget has none to set (invalid-state).',
    },
    {
      function: 15,
      name: 'account',
      args: [outStruct('account', 'partition-account')],
      doc: 'What the caller has used, and what became of it, since the machine started.',
    },
    {
      function: 16,
      name: 'accountOf',
      args: [vm, outStruct('account', 'partition-account')],
      callers: 'authority',
      doc: 'The same of another VM.',
    },
  ]),
  ...group('channel', [
    {
      function: 0,
      name: 'lookup',
      args: [...input('name')],
      value: 'port number',
      errors: ['invalid-parameter'],
      doc: 'The caller’s port on the channel with this name; a channel the caller has no end of does not exist for it.',
    },
    {
      function: 1,
      name: 'queueSend',
      args: [port, ...input('message'), u64('timeout')],
      right: 'send',
      errors: ['denied', 'failed', 'timeout'],
      blocks: true,
      doc: 'Send a message, waiting for room where the queue declares that. Refused (failed) over the channel’s declared rate.',
    },
    {
      function: 2,
      name: 'queueReceive',
      args: [port, ...output('message'), u64('timeout')],
      right: 'receive',
      value: 'bytes received',
      errors: ['denied', 'timeout'],
      blocks: true,
      doc: 'Receive the oldest message, waiting for one. A buffer smaller than the channel’s message size is an invalid parameter.',
    },
    {
      function: 3,
      name: 'queueCount',
      args: [port],
      right: 'count',
      value: 'messages waiting',
      doc: 'How many messages wait in the queue.',
    },
    {
      function: 4,
      name: 'samplingWrite',
      args: [port, ...input('message')],
      right: 'write',
      errors: ['denied', 'failed'],
      doc: 'Replace the channel’s value. Refused (failed) over the channel’s declared rate.',
    },
    {
      function: 5,
      name: 'samplingRead',
      args: [port, ...output('message'), outStruct('status', 'sample-status')],
      right: 'read',
      value: 'bytes read; 0 when never written',
      errors: ['denied'],
      doc: 'Read the last value, its age in nanoseconds and whether it is valid.',
    },
    {
      function: 6,
      name: 'signalPost',
      args: [port],
      right: 'post',
      errors: ['denied', 'failed'],
      doc: 'Add one to the signal; refused (failed) at its maximum, and over the channel’s declared rate.',
    },
    {
      function: 7,
      name: 'signalWait',
      args: [port, u64('timeout')],
      right: 'wait',
      errors: ['denied', 'timeout'],
      blocks: true,
      doc: 'Wait until the signal is above zero and take one.',
    },
    {
      function: 8,
      name: 'lock',
      args: [port, u64('timeout')],
      right: 'lock',
      value:
        '1 when the region’s writer stopped while it held the lock and has not published since, so that the content may be torn; else 0',
      errors: ['invalid-state', 'timeout'],
      blocks: true,
      doc: 'Lock the shared region’s mutex. While others wait, the holder runs at the highest of their priorities.',
    },
    {
      function: 9,
      name: 'unlock',
      args: [port],
      right: 'lock',
      errors: ['invalid-state', 'failed'],
      doc: 'Unlock it. An unlock by the region’s writer publishes the region’s content as a message; over the channel’s declared rate (failed) it unlocks, and the region shows again what was published before.',
    },
    {
      function: 10,
      name: 'region',
      args: [port, outStruct('region', 'region')],
      right: 'map',
      doc: 'Guest address and size of a shared region.',
    },
    {
      function: 11,
      name: 'rpcCall',
      args: [port, ...inOut('message'), u64('timeout')],
      right: 'call',
      value: 'bytes of the reply',
      errors: ['denied', 'failed', 'timeout'],
      blocks: true,
      doc: 'Call the server with the message, and wait for the reply, which replaces it in the buffer. Fails when the server stops while it has the call, and over the channel’s declared rate. A call whose time is up is withdrawn; one without time is not made.',
    },
    {
      function: 12,
      name: 'rpcReceive',
      args: [port, ...output('message'), outStruct('call', 'received-call'), u64('timeout')],
      right: 'serve',
      value: 'bytes of the call',
      errors: ['denied', 'timeout'],
      blocks: true,
      doc: 'Take the oldest call, waiting for one. Further ones may be taken before it is replied to.',
    },
    {
      function: 13,
      name: 'rpcReply',
      args: [port, word('call'), ...input('message')],
      right: 'serve',
      errors: ['denied', 'failed', 'invalid-state'],
      doc: 'Reply to a call that was taken, by its number. Fails when its client waits no longer; an invalid state when there is no such call.',
    },
  ]),
  ...group('health', [
    {
      function: 0,
      name: 'raise',
      args: [word('code'), ...input('payload')],
      errors: ['invalid-parameter'],
      doc: 'Raise an application error: to the registered error handler, else the VM crashes. At most 128 bytes of payload.',
    },
    {
      function: 1,
      name: 'registerHandler',
      args: [word('entry'), word('stack')],
      errors: ['invalid-address'],
      doc: 'On the next application error or unhandled trap, continue at `entry` on `stack` with a0 = fault kind, a1 = cause or code, a2 = pc. Serves once; 0 removes it.',
    },
    {
      function: 2,
      name: 'nextEvent',
      args: [outStruct('event', 'health-event'), u64('timeout')],
      errors: ['denied', 'timeout'],
      blocks: true,
      doc: 'Take the oldest error of a VM for which the system asks the caller, waiting for one. Denied when it asks the caller for none. What a supervisor has taken and not decided, its next life is told again.',
    },
    {
      function: 3,
      name: 'decide',
      args: [vm, word('event'), word('answer')],
      errors: ['invalid-state'],
      callers: 'supervisor',
      doc: 'Say what is to be done about an event: 0 ignore, 1 restart cold, 2 warm, 3 from the snapshot, 4 stop, 5 halt the machine. Denied where the system does not allow that answer; an invalid state when the event is not open (any more).',
    },
  ]),
  ...group('clock', [
    {
      function: 0,
      name: 'now',
      args: [outStruct('time', 'u64')],
      doc: 'Virtual nanoseconds since the machine started.',
    },
    {
      function: 1,
      name: 'sleepUntil',
      args: [u64('time')],
      blocks: true,
      doc: 'Wait until a virtual time; returns at once when it has passed.',
    },
    {
      function: 2,
      name: 'setPeriod',
      args: [u64('period'), u64('deadline')],
      errors: ['invalid-parameter', 'denied'],
      doc: 'Become periodic from now on: releases every `period` ns, each job due `deadline` ns after its release. Denied when the system declares a period.',
    },
    {
      function: 3,
      name: 'waitRelease',
      args: [],
      value: 'releases missed',
      errors: ['invalid-state'],
      blocks: true,
      doc: 'Complete the current job and wait for the next release (ARINC 653 part 1, PERIODIC_WAIT). Every missed deadline is recorded.',
    },
  ]),
  ...group('trace', [
    {
      function: 0,
      name: 'mark',
      args: [...input('name'), word('value')],
      errors: ['invalid-parameter'],
      doc: 'Record a point in the trace. Names are at most 64 bytes.',
    },
    {
      function: 1,
      name: 'spanBegin',
      args: [...input('name')],
      errors: ['invalid-parameter'],
      doc: 'Record the beginning of a span.',
    },
    {
      function: 2,
      name: 'spanEnd',
      args: [...input('name')],
      errors: ['invalid-parameter'],
      doc: 'Record the end of a span.',
    },
    {
      function: 3,
      name: 'counter',
      args: [...input('name'), word('value')],
      errors: ['invalid-parameter'],
      doc: 'Record a counter’s value.',
    },
    {
      function: 4,
      name: 'property',
      args: [word('kind'), word('condition'), ...input('name')],
      errors: ['invalid-parameter'],
      doc: 'State a property: kind 0 always, 1 sometimes, 2 reachable, 3 unreachable.',
    },
  ]),
  ...group('update', [
    {
      function: 0,
      name: 'begin',
      args: [vm, word('size')],
      errors: ['denied', 'invalid-state', 'bad-range'],
      callers: 'updater',
      doc: 'Begin to update a VM with an image of so many bytes, and erase its slot that is not booted. An invalid state while an update of it is under way; a bad range when the slot is too small, or for 0.',
    },
    {
      function: 1,
      name: 'write',
      args: [vm, word('offset'), ...input('chunk')],
      value: 'bytes received in all',
      errors: ['denied', 'invalid-state', 'bad-range'],
      callers: 'updater',
      doc: 'The next chunk of the image, at most 65536 bytes. One that was received already changes nothing; one that leaves a gap, or goes beyond the image, is a bad range.',
    },
    {
      function: 2,
      name: 'activate',
      args: [vm],
      errors: ['denied', 'invalid-state', 'bad-range', 'failed'],
      callers: 'updater',
      doc: 'The image is whole (a bad range if it is not): verify it, start it in the shadow VM, and once it has passed its self-test let it take the VM’s place. `awaitEnd` tells what becomes of it. Fails for an image that is refused; `status` says why.',
    },
    {
      function: 3,
      name: 'abort',
      args: [vm],
      errors: ['denied', 'invalid-state'],
      callers: 'updater',
      doc: 'Give the update up; in probation that brings the old image back. An invalid state when none is under way.',
    },
    {
      function: 4,
      name: 'status',
      args: [vm, outStruct('status', 'update-status')],
      errors: ['denied'],
      callers: 'updater',
      doc: 'How the update of a VM stands, and what became of the last one.',
    },
    {
      function: 5,
      name: 'awaitEnd',
      args: [vm, u64('timeout')],
      value: 'the result: 1 confirmed, 2 failed, 3 rolled back',
      errors: ['denied', 'invalid-state', 'timeout'],
      callers: 'updater',
      blocks: true,
      doc: 'Wait until no update of the VM is under way. An invalid state when there never was one.',
    },
    {
      function: 6,
      name: 'selfTested',
      args: [word('passed'), ...output('handOver')],
      value: 'bytes of the state handed over',
      errors: ['invalid-parameter', 'invalid-state'],
      blocks: true,
      doc: 'In the shadow VM, after a start for an update: the self-test has passed (1), or not (0, which ends the guest). Returns in the place of the VM that is updated, with its ports connected, and with the state that the guest before has offered, as much as there is room for. An invalid state anywhere else.',
    },
    {
      function: 7,
      name: 'offer',
      args: [...input('state')],
      value: '0: go on; 1: another image took the VM’s place, and has been taken back',
      errors: ['invalid-parameter', 'invalid-state'],
      blocks: true,
      doc: 'A quiescent point: nothing is half done, and a new image may take over with this state, at most 4096 bytes. Returns at once unless one waits to. An invalid state in a VM that is not updated when offered.',
    },
  ]),
  ...group('debug', [
    {
      function: 0,
      name: 'read',
      args: [vm, word('address'), ...output('bytes')],
      value: 'bytes read',
      callers: 'debugger',
      doc: 'Read another VM’s RAM, at most 4096 bytes, as many as the buffer holds. What is not RAM of its is an invalid address.',
    },
    {
      function: 1,
      name: 'write',
      args: [vm, word('address'), ...input('bytes')],
      value: 'bytes written',
      callers: 'debugger',
      doc: 'Write to another VM’s RAM, at most 4096 bytes.',
    },
    {
      function: 2,
      name: 'readRegister',
      args: [vm, word('hart'), word('number'), outStruct('value', 'u64')],
      callers: 'debugger',
      doc: 'Read a register of another VM’s hart: 0 to 31 are x0 to x31, 32 is the pc.',
    },
  ]),
  ...group('schedule', [
    {
      function: 0,
      name: 'lookup',
      args: [...input('name')],
      value: 'schedule number',
      errors: ['invalid-parameter'],
      doc: 'Number of the system’s schedule with this name.',
    },
    {
      function: 1,
      name: 'set',
      args: [word('schedule')],
      errors: ['invalid-parameter', 'denied'],
      doc: 'Switch the machine to another schedule at the end of the major frame; the last switch asked for counts (ARINC 653 part 2, SET_MODULE_SCHEDULE). Denied to a VM that the system does not let switch schedules.',
    },
    {
      function: 2,
      name: 'status',
      args: [outStruct('status', 'schedule-status')],
      errors: ['invalid-state'],
      doc: 'Which schedule the machine is in, and which comes next (ARINC 653 part 2, GET_MODULE_SCHEDULE_STATUS). An invalid state in a system without schedules.',
    },
  ]),
];
