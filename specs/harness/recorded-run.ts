/** A run written by hand: what matchers judge, without a machine that runs. */
import { struct, u16, type TraceEvent, type VmState } from 'testvisor';

export const Speed = struct('Speed', { kmh: u16 });
export const Brake = struct('Brake', { level: u16 });

const vm = (name: string) => ({ name, ram: 0x40000 });
const channel = (name: string, from: string, to: string, message: unknown) => ({
  name,
  kind: 'queue',
  from,
  to: [to],
  message,
  messageSize: 2,
  capacity: 8,
});

export const SYSTEM = {
  vms: [vm('train'), vm('sensor'), vm('ui')],
  channels: [channel('speed', 'sensor', 'train', Speed), channel('brake', 'train', 'ui', Brake)],
};

const MS = 1e6;
/** Milliseconds first, as one reads a timetable. */
export const speed = (at: number, kmh: number): TraceEvent =>
  sent(at, 'speed', 'sensor', Speed.encode({ kmh }));
export const brake = (at: number, level: number): TraceEvent =>
  sent(at, 'brake', 'train', Brake.encode({ level }));
const sent = (at: number, name: string, from: string, bytes: Uint8Array): TraceEvent => ({
  at: at * MS,
  kind: 'message-sent',
  channel: name,
  vm: from,
  sequence: 1,
  bytes,
});
export const crash = (at: number, name: string): TraceEvent => ({
  at: at * MS,
  kind: 'vm-crashed',
  vm: name,
  fault: { kind: 'trap', cause: 7, pc: 0x8000_0010n, value: 0x40n },
});
export const started = (at: number, name: string, generation: number): TraceEvent => ({
  at: at * MS,
  kind: 'vm-started',
  vm: name,
  generation,
  reason: generation === 1 ? 'boot' : 'warm',
});

export interface RecordedRun {
  readonly events: readonly TraceEvent[];
  readonly now?: number;
  readonly states?: Readonly<Record<string, VmState>>;
  readonly consoles?: Readonly<Record<string, string>>;
}

const SUBJECT: unique symbol = Symbol.for('testvisor.subject') as never;

/** What `expect` takes for this run: the machine, one of its VMs, its messages. */
export function recorded({ events, now, states = {}, consoles = {} }: RecordedRun) {
  const run = {
    system: SYSTEM,
    seed: 7,
    now: (now ?? 200) * MS,
    events,
    halted: undefined,
    stateOf: (name: string) => states[name] ?? { is: 'running' },
    hartsOf: (name: string) => (name === 'sensor' ? [{ state: { is: 'running' }, pc: 0x8000_0010n }] : []),
    consoleOf: (name: string) => consoles[name] ?? '',
    imageOf: (name: string) => (name === 'sensor' ? IMAGE : undefined),
  };
  return {
    run,
    machine: { [SUBJECT]: { is: 'machine', run } },
    ipc: { [SUBJECT]: { is: 'messages', run, channel: undefined } },
    channel: (name: string) => ({ [SUBJECT]: { is: 'messages', run, channel: name } }),
    vm: (name: string) => ({ [SUBJECT]: { is: 'vm', run, name } }),
  };
}

const IMAGE = {
  name: 'sensor.elf',
  symbols: { describe: () => 'measure+0x10' },
  sourceLine: () => ({ file: 'sensor.c', line: 42, function: 'measure' }),
};
