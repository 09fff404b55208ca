/** The parts of a machine whose states, with its memory, are all that it is: saved and restored together. */
import type { AnyChannel } from '../channels';
import type { Injector } from '../faults/injector';
import type { Network } from '../network/network';
import type { CoreAccounts } from '../scheduler/core-accounts';
import type { Cores } from '../scheduler/cores';
import type { Scheduler } from '../scheduler/scheduler';
import type { Windows } from '../scheduler/windows';
import type { SecureBoot } from '../secure-boot/secure-boot';
import type { Trace } from '../trace/trace';
import type { Vm } from '../vm/vm';
import type { MachineSnapshot } from './contract';
import type { LifeCycle } from './life-cycle';
import type { Sequence } from './sequence';

export interface Parts {
  readonly cores: Cores;
  readonly coreAccounts: CoreAccounts;
  readonly sequence: Sequence;
  readonly scheduler: Scheduler;
  readonly windows: Windows;
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  readonly networks: readonly Network[];
  readonly lifeCycle: LifeCycle;
  readonly injector: Injector;
  readonly secureBoot: SecureBoot;
  readonly trace: Trace;
}

export type PartStates = Omit<MachineSnapshot, 'memory' | 'state'>;

export function saveParts(parts: Parts): PartStates {
  const { scheduler, lifeCycle } = parts;
  return {
    ...parts.cores.save(),
    coreAccounts: parts.coreAccounts.save(),
    paused: parts.sequence.save(),
    lastTurn: scheduler.save(),
    windows: parts.windows.save(),
    servers: scheduler.servers.save(),
    vms: parts.vms.map((vm) => vm.save()),
    channels: parts.channels.map((channel) => channel.save()),
    networks: parts.networks.map((network) => network.save()),
    health: lifeCycle.health.save(),
    updates: lifeCycle.updates.save(),
    injector: parts.injector.save(),
    counters: parts.secureBoot.save(),
    trace: parts.trace.save(),
  };
}

/** Memory must have been restored before. */
export function restoreParts(parts: Parts, states: PartStates): void {
  const { scheduler, lifeCycle } = parts;
  parts.cores.restore(states);
  parts.coreAccounts.restore(states.coreAccounts);
  parts.sequence.restore(states.paused);
  scheduler.restore(states.lastTurn);
  parts.windows.restore(states.windows);
  scheduler.servers.restore(states.servers);
  parts.vms.forEach((vm, number) => vm.restore(states.vms[number]!));
  parts.channels.forEach((channel, number) => channel.restore(states.channels[number]! as never));
  parts.networks.forEach((network, number) => network.restore(states.networks[number]!));
  lifeCycle.health.restore(states.health);
  lifeCycle.updates.restore(states.updates);
  parts.injector.restore(states.injector);
  parts.secureBoot.restore(states.counters);
  parts.trace.restore(states.trace);
}
