/** Every model of faults: what it is in hardware, and which options it has. Documentation and checks go by this table. */
import type { FaultModel, FaultOptions } from './fault-plan';

export const FAMILIES = {
  data: 'Data',
  control: 'Control flow',
  bus: 'Bus and devices',
  interrupts: 'Interrupts',
  timing: 'Timing',
  messages: 'Messages',
  network: 'Network',
  storage: 'Storage',
  partition: 'Partition',
} as const;
export type Family = keyof typeof FAMILIES;

export interface ModelRow<Options extends string = string> {
  readonly family: Family;
  /** What it concerns: a VM, a channel or a network. */
  readonly on: 'vm' | 'channel' | 'network';
  /** Options besides where it is, when it fires and how long it lasts. */
  readonly options: readonly Options[];
  /** Whether it has one location: a register or memory. */
  readonly located?: true;
  /** How it lasts: acts at a moment and may do so again, is in force for a while (an interval: once), or acts on so many requests. */
  readonly lasts?: 'repeating' | 'lasting' | 'counted' | 'interval';
  /** What it stands for. */
  readonly hardware: string;
}

type Table = { readonly [Model in FaultModel]: ModelRow<keyof FaultOptions[Model] & string> };

const ON_BUS = ['device', 'register', 'index', 'address', 'size'] as const;

export const MODELS: Table = {
  bitFlip: {
    family: 'data',
    on: 'vm',
    lasts: 'repeating',
    located: true,
    options: ['bit', 'bits'],
    hardware: 'Single event upset (SEU): a particle inverts one cell.',
  },
  multiBitUpset: {
    family: 'data',
    on: 'vm',
    lasts: 'repeating',
    located: true,
    options: ['bits'],
    hardware: 'Multiple bit upset (MBU): one particle inverts several cells of a word.',
  },
  burst: {
    family: 'data',
    on: 'vm',
    lasts: 'repeating',
    located: true,
    options: ['bit', 'length'],
    hardware: 'A burst: neighbouring cells are inverted at once, as along one track.',
  },
  overwrite: {
    family: 'data',
    on: 'vm',
    lasts: 'repeating',
    located: true,
    options: ['value', 'size'],
    hardware: 'Any other wrong value, such as a stray write.',
  },
  stuckAt: {
    family: 'data',
    on: 'vm',
    lasts: 'lasting',
    located: true,
    options: ['bit', 'bits', 'level'],
    hardware: 'A cell or a line that is stuck at 0 or at 1, whatever is written to it.',
  },
  intermittent: {
    family: 'data',
    on: 'vm',
    lasts: 'lasting',
    located: true,
    options: ['bit', 'bits', 'level'],
    hardware: 'A loose contact or a marginal cell: stuck at times.',
  },
  replaceInstruction: {
    family: 'control',
    on: 'vm',
    lasts: 'repeating',
    options: ['encoding'],
    hardware: 'A fetch that delivers another instruction, once.',
  },
  corruptOpcode: {
    family: 'control',
    on: 'vm',
    lasts: 'repeating',
    options: ['mask'],
    hardware: 'Bits that flip between memory and decoder, once: memory stays as it is.',
  },
  skipInstructions: {
    family: 'control',
    on: 'vm',
    lasts: 'repeating',
    options: ['count'],
    hardware: 'A glitch of clock or supply: instructions have no effect.',
  },
  jump: {
    family: 'control',
    on: 'vm',
    lasts: 'repeating',
    options: ['to'],
    hardware: 'A control-flow error: the program goes on elsewhere.',
  },
  busError: {
    family: 'bus',
    on: 'vm',
    lasts: 'lasting',
    options: [...ON_BUS, 'access', 'nth'],
    hardware: 'A bus that answers with an error, or not in time.',
  },
  wrongRead: {
    family: 'bus',
    on: 'vm',
    lasts: 'lasting',
    options: [...ON_BUS, 'mask', 'value', 'nth'],
    hardware: 'Wrong data on the way from a device: a glitch, a line that is stuck.',
  },
  dropWrites: {
    family: 'bus',
    on: 'vm',
    lasts: 'lasting',
    options: [...ON_BUS, 'nth'],
    hardware: 'A write that does not reach the device, and nobody notices.',
  },
  stopDevice: {
    family: 'bus',
    on: 'vm',
    lasts: 'lasting',
    options: ['device', 'answer'],
    hardware: 'A device whose clock is off: it does nothing by itself and does not answer.',
  },
  wrongResetValue: {
    family: 'bus',
    on: 'vm',
    lasts: 'lasting',
    options: [...ON_BUS, 'value'],
    hardware: 'A register that comes out of reset with another value than its data sheet says.',
  },
  loseInterrupt: {
    family: 'interrupts',
    on: 'vm',
    lasts: 'lasting',
    options: ['line', 'slot', 'nth'],
    hardware: 'An edge that the interrupt controller misses.',
  },
  delayInterrupt: {
    family: 'interrupts',
    on: 'vm',
    lasts: 'lasting',
    options: ['line', 'slot', 'by', 'nth'],
    hardware: 'An interrupt controller that is late.',
  },
  duplicateInterrupt: {
    family: 'interrupts',
    on: 'vm',
    lasts: 'lasting',
    options: ['line', 'slot', 'nth'],
    hardware: 'A line that bounces: it is seen again after it was served.',
  },
  spuriousInterrupt: {
    family: 'interrupts',
    on: 'vm',
    lasts: 'repeating',
    options: ['line', 'slot'],
    hardware: 'A glitch on a line that nobody drives.',
  },
  interruptStorm: {
    family: 'interrupts',
    on: 'vm',
    lasts: 'lasting',
    options: ['line', 'slot', 'period'],
    hardware: 'A line that oscillates, or a device that never stops to ask.',
  },
  loseMessage: {
    family: 'messages',
    on: 'channel',
    options: [],
    hardware: 'Loss (communication fault of IEC 61784-3).',
  },
  delayMessage: {
    family: 'messages',
    on: 'channel',
    options: ['by'],
    hardware: 'Unacceptable delay (IEC 61784-3).',
  },
  duplicateMessage: {
    family: 'messages',
    on: 'channel',
    options: [],
    hardware: 'Unintended repetition (IEC 61784-3).',
  },
  reorderMessages: {
    family: 'messages',
    on: 'channel',
    options: [],
    hardware: 'Incorrect sequence (IEC 61784-3).',
  },
  corruptMessage: {
    family: 'messages',
    on: 'channel',
    options: ['offset', 'mask'],
    hardware: 'Corruption (IEC 61784-3).',
  },
  truncateMessage: {
    family: 'messages',
    on: 'channel',
    options: ['length'],
    hardware: 'Corruption (IEC 61784-3): the end is missing.',
  },
  clogChannel: {
    family: 'messages',
    on: 'channel',
    lasts: 'interval',
    options: [],
    hardware: 'A path that is blocked for a while, and then delivers everything at once.',
  },
  loseFrame: { family: 'network', on: 'network', options: [], hardware: 'Loss of a frame.' },
  delayFrame: {
    family: 'network',
    on: 'network',
    options: ['by'],
    hardware: 'Delay on the wire or in a switch.',
  },
  duplicateFrame: {
    family: 'network',
    on: 'network',
    options: [],
    hardware: 'Repetition, as by a loop of switches.',
  },
  reorderFrames: {
    family: 'network',
    on: 'network',
    options: [],
    hardware: 'Overtaking, as on links of different length.',
  },
  corruptFrame: {
    family: 'network',
    on: 'network',
    options: ['offset', 'mask'],
    hardware: 'Corruption that the checksum of the wire did not find.',
  },
  truncateFrame: {
    family: 'network',
    on: 'network',
    options: ['length'],
    hardware: 'A frame that breaks off and passes for a whole one.',
  },
  clogNetwork: {
    family: 'network',
    on: 'network',
    lasts: 'interval',
    options: [],
    hardware: 'A switch that is blocked for a while, and then delivers everything at once.',
  },
  partitionNetwork: {
    family: 'network',
    on: 'network',
    lasts: 'interval',
    options: ['from', 'to', 'oneWay'],
    hardware: 'A broken cable or a misconfigured switch: some do not hear some others, perhaps one way only.',
  },
  diskError: {
    family: 'storage',
    on: 'vm',
    lasts: 'counted',
    options: ['disk', 'requests'],
    hardware: 'A worn medium or a loose cable: the request fails and says so.',
  },
  tornWrite: {
    family: 'storage',
    on: 'vm',
    lasts: 'counted',
    options: ['disk', 'bytes'],
    hardware: 'A loss of power in the middle of a write: a part of it is on the medium.',
  },
  interruptedErase: {
    family: 'storage',
    on: 'vm',
    lasts: 'counted',
    options: ['operation', 'progress'],
    hardware: 'A loss of power in the middle of erasing or programming flash: cells are left half way.',
  },
  silentWriteFailure: {
    family: 'storage',
    on: 'vm',
    lasts: 'counted',
    options: ['disk', 'flash'],
    hardware: 'A worn medium, or a write that goes astray: it reports success and nothing has changed.',
  },
  readDisturb: {
    family: 'storage',
    on: 'vm',
    lasts: 'counted',
    options: ['disk', 'flash', 'offset', 'bits'],
    hardware: 'Reading disturbs cells beside those that are read.',
  },
  crash: {
    family: 'partition',
    on: 'vm',
    lasts: 'repeating',
    options: [],
    hardware: 'The software stops with a fault that its health policy sees.',
  },
  powerFail: {
    family: 'partition',
    on: 'vm',
    lasts: 'repeating',
    options: [],
    hardware: 'A loss of power of one part: what its flash or its boot record was in the midst of is torn.',
  },
  hang: {
    family: 'partition',
    on: 'vm',
    options: [],
    hardware: 'The software makes no progress and keeps its core.',
  },
  kill: { family: 'partition', on: 'vm', options: [], hardware: 'The software ends for good.' },
  pause: {
    family: 'partition',
    on: 'vm',
    lasts: 'repeating',
    options: ['duration'],
    hardware: 'The software is not scheduled for a while.',
  },
  restart: {
    family: 'partition',
    on: 'vm',
    lasts: 'repeating',
    options: ['kind'],
    hardware: 'A reset in the middle of something, such as one of a supply that dips.',
  },
  hypercallError: {
    family: 'partition',
    on: 'vm',
    lasts: 'lasting',
    options: ['call', 'error', 'nth'],
    hardware: 'A service of the platform fails and says so.',
  },
  stall: {
    family: 'timing',
    on: 'vm',
    lasts: 'repeating',
    options: ['duration'],
    hardware: 'A hart stands still and keeps its core, as by a bus that does not answer for a while.',
  },
  throttle: {
    family: 'timing',
    on: 'vm',
    lasts: 'lasting',
    options: ['speed', 'period'],
    hardware: 'A clock that is gated for a part of every period, as against heat.',
  },
  stealBudget: {
    family: 'timing',
    on: 'vm',
    lasts: 'repeating',
    options: ['amount'],
    hardware: 'Core time that something else takes: an interrupt storm, a greedy neighbour.',
  },
  driftClock: {
    family: 'timing',
    on: 'vm',
    lasts: 'lasting',
    options: ['ppm'],
    hardware: 'An oscillator that is too fast or too slow, as with temperature or age.',
  },
  jumpClock: {
    family: 'timing',
    on: 'vm',
    lasts: 'repeating',
    options: ['by'],
    hardware: 'A counter that is set wrong, or loses its state.',
  },
  jitter: {
    family: 'timing',
    on: 'vm',
    lasts: 'lasting',
    options: ['upTo'],
    hardware: 'A scheduler that is late by a different time each time.',
  },
};
