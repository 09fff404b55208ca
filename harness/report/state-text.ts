import type { HartState, VmState } from '../../hypervisor';
import type { Run } from '../machine/run';
import { faultText } from './fault-text';

/** Where a VM is in its life: `waiting for a message on speed`. */
export function stateText(run: Run, vm: string, state: VmState): string {
  switch (state.is) {
    case 'waiting':
      return `waiting ${waitText(run, state.wait)}`;
    case 'halted':
      return `halted with code ${state.code}`;
    case 'crashed':
      return `crashed: ${faultText(run, vm, state.fault)}`;
    default:
      return state.is;
  }
}

/** What a hart does: `waiting for an interrupt`. */
export const hartText = (run: Run, state: HartState): string =>
  state.is === 'waiting' ? `waiting ${waitText(run, state.wait)}` : state.is;

type Wait = Extract<VmState, { is: 'waiting' }>['wait'];

function waitText(run: Run, wait: Wait): string {
  if ('channel' in wait) {
    const name = run.system.channels[wait.channel]?.name ?? `channel ${wait.channel}`;
    return `${CHANNEL_WAITS[wait.for]} ${name}`;
  }
  return OTHER_WAITS[wait.for];
}

type ChannelWait = Extract<Wait, { readonly channel: number }>['for'];
const CHANNEL_WAITS: Readonly<Record<ChannelWait, string>> = {
  message: 'for a message on',
  room: 'for room in',
  signal: 'for a signal on',
  lock: 'for the lock of',
  reply: 'for the reply on',
};
const OTHER_WAITS: Readonly<Record<Exclude<Wait['for'], ChannelWait>, string>> = {
  interrupt: 'for an interrupt',
  activity: 'for an interrupt or a message',
  time: 'until a time',
  release: 'for its next release',
  health: 'for an error of another VM',
  update: 'for the end of an update',
  switch: 'for its turn in the place of another guest',
  rollback: 'for another guest to take its place',
};
