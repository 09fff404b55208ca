/** Every change of a VM's life cycle, in one place: what the guest, the health monitor, a supervisor VM or the test decided. */
import { FAULT_CODES, type FaultInfo } from '../../platform/fault-info';
import type { RestartKind, System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import { decide } from '../health/health-monitor';
import type { VmAction } from '../hypercalls';
import type { StartReason, TraceEvent } from '../trace/events';
import { loadedKib } from '../vm/load-guest';
import type { Configuration } from '../vm/configuration';
import { type GuestCapture, restoreGuest } from '../vm/guest-capture';
import type { GuestImage } from '../vm/guest-image';
import type { Vm } from '../vm/vm';

export interface LifeCycleEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  /** Cycles at which what happens now happens to the VM. */
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
  haltMachine(reason: string): void;
}

type HaltedBy = Extract<TraceEvent, { kind: 'vm-halted' }>['by'];

/** Exit code of a VM that the test or a supervisor VM halts. */
const STOPPED_FROM_OUTSIDE = 0;

export class LifeCycle {
  readonly #environment: LifeCycleEnvironment;

  constructor(environment: LifeCycleEnvironment) {
    this.#environment = environment;
  }

  start(vm: Vm, reason: StartReason, kind: RestartKind): void {
    vm.start(reason, kind);
    this.#trace({
      at: vm.now,
      kind: 'vm-started',
      vm: vm.name,
      generation: vm.generation,
      reason,
    });
  }

  halt(vm: Vm, code: number, by: HaltedBy): void {
    this.#end(vm);
    vm.stop({ is: 'halted', code });
    this.#trace({ at: vm.now, kind: 'vm-halted', vm: vm.name, code, by });
  }

  /** The VM has a fault: its error handler's turn, or it crashes and the health monitor decides. */
  fault(vm: Vm, fault: FaultInfo, injected?: number): void {
    vm.lastFault = fault;
    const isTheGuests = fault.kind === 'trap' || fault.kind === 'application';
    if (isTheGuests && vm.enterErrorHandler(fault)) return;
    this.#end(vm);
    vm.stop({ is: 'crashed', fault });
    this.#trace({
      at: vm.now,
      ...(injected === undefined ? {} : { injected }),
      kind: 'vm-crashed',
      vm: vm.name,
      fault,
    });
    const decision = decide(vm.definition.onFault, vm.restartTimes, vm.now);
    switch (decision.is) {
      case 'restart':
        vm.restartTimes = [...vm.restartTimes, vm.now];
        this.#restart(vm, decision.kind);
        break;
      case 'stop':
        this.halt(vm, FAULT_CODES[fault.kind], 'health-monitor');
        break;
      case 'escalate':
        this.#escalate(vm, decision.to);
        break;
    }
  }

  /** The guest asked to start anew. */
  reboot(vm: Vm, kind: 'cold' | 'warm'): void {
    this.#end(vm);
    this.#restart(vm, kind, true);
  }

  /** Restarts a VM in whatever state it is; it loads for a while and is then a new generation. */
  restart(vm: Vm, kind: RestartKind): void {
    this.#end(vm);
    this.#restart(vm, kind);
  }

  suspend(vm: Vm, until = Infinity): void {
    if (vm.life.is !== 'running') return;
    vm.life = { is: 'suspended', until };
    this.#trace({ at: vm.now, kind: 'vm-suspended', vm: vm.name });
  }

  resume(vm: Vm): void {
    if (vm.life.is !== 'suspended') return;
    vm.life = { is: 'running' };
    this.#trace({ at: vm.now, kind: 'vm-resumed', vm: vm.name });
    vm.advance(this.#environment.cyclesOf(vm));
    vm.takeReleases();
  }

  /** Carries out what a supervisor VM or the test decided. */
  control(vm: Vm, action: VmAction, by: HaltedBy): void {
    switch (action.do) {
      case 'start':
        return this.start(vm, vm.generation === 0 ? 'boot' : 'cold', 'cold');
      case 'stop':
        return this.halt(vm, STOPPED_FROM_OUTSIDE, by);
      case 'suspend':
        return this.suspend(vm);
      case 'resume':
        return this.resume(vm);
      case 'restart':
        return this.restart(vm, action.kind);
      case 'destroy':
        return this.destroy(vm, by === 'test' ? 'test' : 'supervisor');
      case 'create':
        return this.create(vm);
      case 'configure':
        return this.configure(vm, action.change);
    }
  }

  destroy(vm: Vm, by: 'supervisor' | 'test'): void {
    this.#end(vm);
    vm.destroy();
    this.#trace({ at: vm.now, kind: 'vm-destroyed', vm: vm.name, by });
  }

  create(vm: Vm): void {
    vm.create();
    this.#trace({ at: vm.now, kind: 'vm-created', vm: vm.name });
  }

  deploy(vm: Vm, image: GuestImage): void {
    vm.deploy(image);
    this.#trace({ at: vm.now, kind: 'vm-deployed', vm: vm.name, image: image.name });
  }

  /** The VM is again what it was, as a new generation; what the present one holds is released. */
  restore(vm: Vm, capture: GuestCapture, reason: 'snapshot' | 'migration'): void {
    this.#end(vm);
    restoreGuest(vm, capture, reason);
    const taken = this.#environment.clock.cyclesToNanoseconds(capture.takenAt);
    this.#trace(
      reason === 'migration'
        ? { at: vm.now, kind: 'vm-migrated', vm: vm.name, direction: 'in' }
        : { at: vm.now, kind: 'vm-restored', vm: vm.name, taken },
    );
    if (!vm.isAlive) return;
    this.#trace({ at: vm.now, kind: 'vm-started', vm: vm.name, generation: vm.generation, reason });
    vm.advance(this.#environment.cyclesOf(vm));
  }

  configure(vm: Vm, change: Configuration): void {
    vm.configure(change);
    const [what, value] =
      'ram' in change ? (['ram', change.ram] as const) : (['budget', change.budget] as const);
    this.#trace({ at: vm.now, kind: 'vm-configured', vm: vm.name, what, value });
  }

  /** What is due for a VM's life cycle by `now`. */
  advance(vm: Vm, now: number): void {
    const { life } = vm;
    if (life.is === 'restarting' && now >= life.readyAt) {
      vm.restarts++;
      this.start(vm, life.reason, life.kind);
    } else if (life.is === 'suspended' && now >= life.until) {
      this.resume(vm);
    } else if (vm.isAlive && vm.board.watchdog.takeExpiry()) {
      this.fault(vm, { kind: 'watchdog' });
    }
  }

  #restart(vm: Vm, kind: RestartKind, isReboot = false): void {
    const { costs } = this.#environment.system;
    this.#trace({ at: vm.now, kind: 'vm-restarting', vm: vm.name, restart: kind });
    vm.stop({
      is: 'restarting',
      kind,
      reason: isReboot ? 'reboot' : kind,
      readyAt:
        this.#environment.cyclesOf(vm) + costs.restart + Math.ceil(loadedKib(vm.image) * costs.loadPerKib),
    });
  }

  #escalate(vm: Vm, to: string): void {
    this.#trace({ at: vm.now, kind: 'escalated', vm: vm.name, to });
    const supervisor = this.#environment.vms.find(({ name }) => name === to);
    if (supervisor === undefined) {
      this.#environment.haltMachine(`VM ${vm.name} crashed and its fault escalated to the machine`);
      return;
    }
    // The software interrupt tells the supervisor VM; whose fault it is, `partition statusOf` says.
    supervisor.harts[0]!.setLine(supervisor.definition.profile === 'machine' ? 'msip' : 'ssip', true);
    supervisor.advance(this.#environment.cyclesOf(supervisor));
  }

  /** Nobody is left waiting for what this generation holds. */
  #end(vm: Vm): void {
    for (const channel of this.#environment.channels) channel.vmStopped(vm.number);
  }

  #trace(event: TraceEvent): void {
    this.#environment.trace(event);
  }
}
