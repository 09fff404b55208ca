/** Platform extension partition: the caller's own life, and that of VMs it has authority over. */
import { OPERATING_MODES, RESTART_KINDS } from '../../platform/hypercall-structs';
import type { Configuration } from '../vm/configuration';
import { type ALLOWED_IN, allows } from '../vm/state';
import type { Call } from './call';
import { nameOf } from './codes';
import type { OperatingMode } from './context';
import { done, refuse, wait, type HypercallOutcome, type Refusal, type VmAction } from './decision';
import { guestName } from './guest-name';
import type { Handler, HandlerGroup } from './handler';
import { encodeAccount, encodeStatus } from './status';

/** What entering a mode means for the partition (ARINC 653 part 1, SET_PARTITION_MODE). */
const MODE_OUTCOMES: Readonly<Record<OperatingMode, HypercallOutcome>> = {
  'cold-start': { is: 'reboot', kind: 'cold' },
  'warm-start': { is: 'reboot', kind: 'warm' },
  normal: { is: 'enter-normal' },
  idle: { is: 'halt', code: 0 },
};

type PlainAction = Extract<VmAction, { readonly do: keyof typeof ALLOWED_IN }>['do'];

/** Acts on another VM when its state allows it. */
const control =
  (action: PlainAction, otherwise: Refusal): Handler =>
  ({ target }) =>
    allows(action, target.state)
      ? { is: 'control', vm: target.number, action: { do: action } }
      : refuse(otherwise);

/** Gives another VM more or less of something. */
const configure = ({ target, context }: Call, change: Configuration): HypercallOutcome => {
  const problem = context.configurationProblem(target.number, change);
  if (problem === undefined) return { is: 'control', vm: target.number, action: { do: 'configure', change } };
  return refuse(problem.is === 'no-budget' ? 'invalid-state' : 'bad-range');
};

const writeStruct = (call: Call, name: 'status' | 'account', bytes: Uint8Array): HypercallOutcome => {
  call.context.memory.write(call.value(name), bytes);
  return done(0, bytes.length);
};

export const partition: HandlerGroup = {
  status: (call) => writeStruct(call, 'status', encodeStatus(call.context.caller, 'itself')),

  setMode: (call) => {
    const mode = nameOf(OPERATING_MODES, call.value('mode'));
    if (mode === undefined) return refuse('invalid-parameter');
    const { context } = call;
    context.trace({ at: context.nanoseconds(), kind: 'vm-mode', vm: context.caller.name, mode });
    return MODE_OUTCOMES[mode];
  },

  idle: ({ context }) => {
    const { hart, ports, caller, health } = context;
    const isActive = hart.wakesUp || health.hasNews || ports.some((port) => port.hasNews(caller.number));
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

  start: control('start', 'already-started'),
  stop: control('stop', 'already-stopped'),
  suspend: control('suspend', 'invalid-state'),
  resume: control('resume', 'invalid-state'),

  restart: (call) => {
    const kind = nameOf(RESTART_KINDS, call.value('kind'));
    if (kind === undefined) return refuse('invalid-parameter');
    if (call.target.state.is === 'destroyed') return refuse('invalid-state');
    return { is: 'control', vm: call.target.number, action: { do: 'restart', kind } };
  },

  statusOf: (call) => writeStruct(call, 'status', encodeStatus(call.target, 'another')),

  create: control('create', 'already-available'),
  destroy: control('destroy', 'already-stopped'),
  setRam: (call) => configure(call, { ram: call.value('size') }),
  setBudget: (call) => configure(call, { budget: call.value('budget') }),

  account: (call) => writeStruct(call, 'account', encodeAccount(call.context.caller, call.context.clock)),
  accountOf: (call) => writeStruct(call, 'account', encodeAccount(call.target, call.context.clock)),
};
