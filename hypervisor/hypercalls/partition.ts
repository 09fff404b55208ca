/** Platform extension partition: the caller's own life, and that of VMs it has authority over. */
import { OPERATING_MODES, RESTART_KINDS } from '../../platform/hypercall-structs';
import type { VmState } from '../vm/state';
import type { Call } from './call';
import { nameOf } from './codes';
import type { OperatingMode } from './context';
import { done, refuse, wait, type HypercallOutcome, type Refusal, type VmAction } from './decision';
import { guestName } from './guest-name';
import type { Handler, HandlerGroup } from './handler';
import { encodeStatus } from './status';

/** What entering a mode means for the partition (ARINC 653 part 1, SET_PARTITION_MODE). */
const MODE_OUTCOMES: Readonly<Record<OperatingMode, HypercallOutcome>> = {
  'cold-start': { is: 'reboot', kind: 'cold' },
  'warm-start': { is: 'reboot', kind: 'warm' },
  normal: { is: 'enter-normal' },
  idle: { is: 'halt', code: 0 },
};

/** Acts on another VM when its state is one of `from`. */
const control =
  (action: Exclude<VmAction['do'], 'restart'>, from: readonly VmState['is'][], otherwise: Refusal): Handler =>
  ({ target }) =>
    from.includes(target.state.is)
      ? { is: 'control', vm: target.number, action: { do: action } }
      : refuse(otherwise);

const writeStatus = (call: Call, status: Uint8Array): HypercallOutcome => {
  call.context.memory.write(call.value('status'), status);
  return done(0, status.length);
};

export const partition: HandlerGroup = {
  status: (call) => writeStatus(call, encodeStatus(call.context.caller)),

  setMode: (call) => {
    const mode = nameOf(OPERATING_MODES, call.value('mode'));
    if (mode === undefined) return refuse('invalid-parameter');
    const { context } = call;
    context.trace({ at: context.nanoseconds(), kind: 'vm-mode', vm: context.caller.name, mode });
    return MODE_OUTCOMES[mode];
  },

  idle: ({ context }) => {
    const { hart, ports, caller } = context;
    const isActive = hart.wakesUp || ports.some((port) => port.hasNews(caller.number));
    if (!isActive) return wait({ for: 'activity' });
    for (const port of ports) port.notice(caller.number);
    return done();
  },

  heartbeat: (call) => {
    const { context } = call;
    const timeout = call.value('timeout');
    // A watchdog that expires never is one that is not armed.
    context.armWatchdog(timeout === Infinity ? 0 : context.clock.nanosecondsToCycles(timeout));
    return done();
  },

  lookup: (call) => {
    const name = guestName(call, 'name');
    const vm = call.context.vms.find((candidate) => candidate.name === name);
    return vm === undefined ? refuse('invalid-parameter') : done(vm.number, call.buffer('name').size);
  },

  start: control('start', ['created', 'halted', 'crashed'], 'already-started'),
  stop: control('stop', ['running', 'waiting', 'suspended', 'restarting'], 'already-stopped'),
  suspend: control('suspend', ['running', 'waiting'], 'invalid-state'),
  resume: control('resume', ['suspended'], 'invalid-state'),

  restart: (call) => {
    const kind = nameOf(RESTART_KINDS, call.value('kind'));
    if (kind === undefined) return refuse('invalid-parameter');
    return { is: 'control', vm: call.target.number, action: { do: 'restart', kind } };
  },

  statusOf: (call) => writeStatus(call, encodeStatus(call.target)),
};
