/** Every change of a VM's life cycle, in one place: what the guest, the health monitor, a supervisor VM or the test decided. */
import type { FaultInfo } from '../../platform/fault-info';
import type { RestartKind, System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import { HealthMonitor } from '../health/health-monitor';
import type { VmAction } from '../hypercalls';
import type { StartReason, TraceEvent } from '../trace/events';
import { loadedKib } from '../vm/load-guest';
import type { Configuration } from '../vm/configuration';
import { type GuestCapture, restoreGuest } from '../vm/guest-capture';
import type { GuestImage } from '../vm/guest-image';
import type { SecureBoot } from '../secure-boot/secure-boot';
import type { Vm } from '../vm/vm';
import type { WaitReason } from '../vm/state';
import { Updates } from '../update/updates';
import type { HostServices } from '../secure-boot/host-services';
import type { SlotReader } from '../update/boot-slots';
import type { Timed } from './agenda';
import { unload } from './cargo';

export interface LifeCycleEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  /** Cycles at which what happens now happens. */
  cycles(): number;
  /** The same, to the VM. */
  readonly secureBoot: SecureBoot;
  /** Cycles at which what happens now happens to the VM. */
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
  /** A hart of the VM that waits for this looks again. */
  wake(vm: Vm, isOver: (wait: WaitReason) => boolean): void;
  readonly services: HostServices | undefined;
  /** What the machine was started with. */
  readonly storage: SlotReader['storage'];
  haltMachine(reason: string): void;
  /** The machine switches to this schedule at the end of the major frame. */
  setSchedule(name: string): void;
}

type HaltedBy = Extract<TraceEvent, { kind: 'vm-halted' }>['by'];

/** Exit code of a VM that the test or a supervisor VM halts. */
const STOPPED_FROM_OUTSIDE = 0;

export class LifeCycle {
  readonly #environment: LifeCycleEnvironment;

  /** Decides what a fault leads to. */
  readonly health: HealthMonitor;
  readonly updates: Updates;

  constructor(environment: LifeCycleEnvironment) {
    this.#environment = environment;
    this.health = new HealthMonitor({
      vms: environment.vms,
      clock: environment.clock,
      cyclesOf: (vm) => environment.cyclesOf(vm),
      // An error of another VM waits for it to decide.
      tell: (vm) => environment.wake(vm, ({ for: reason }) => reason === 'health' || reason === 'activity'),
      cycles: () => environment.cycles(),
      trace: (event) => this.#trace(event),
      restart: (vm, kind, after) => this.restart(vm, kind, after),
      setSchedule: (name) => environment.setSchedule(name),
      stop: (vm, code) => this.halt(vm, code, 'health-monitor'),
      escalate: (vm, to) => this.#escalate(vm, to),
    });
    this.updates = new Updates(environment.storage, {
      ...environment,
      costs: environment.system.costs,
      start: (vm, reason) => this.start(vm, reason, 'cold'),
      release: (vm) => this.#end(vm),
      suspend: (vm, until) => this.suspend(vm, until),
      movedIn: (vm) => this.#moveIn(vm, 'update'),
      restart: (vm) => this.restart(vm, 'cold'),
      proven: (vm) => this.#prove(vm),
    });
  }

  /** What happens to a VM by itself. */
  timed(vm: Vm): Timed {
    const update = this.updates.concerning(vm);
    return {
      nextEventAt: () =>
        update === undefined ? vm.nextEventAt() : Math.min(vm.nextEventAt(), update.nextEventAt()),
      advance: (now) => {
        vm.advance(now);
        this.advance(vm, now);
        update?.advance(now);
      },
    };
  }

  /** Something was recorded. */
  observe(event: TraceEvent): void {
    this.health.observe(event);
    this.updates.observe(event);
  }

  /** The machine starts. */
  boot(): void {
    for (const update of this.updates.all) update.begin();
    for (const vm of this.#environment.vms) if (vm.definition.autostart) this.start(vm, 'boot', 'cold');
  }

  /** Starts a VM whose image may start; for any other that is a fault. */
  start(vm: Vm, reason: StartReason, kind: RestartKind): void {
    const why = this.#environment.secureBoot.verdict(vm.definition, vm.image);
    if (why !== undefined) {
      this.#trace({ at: vm.now, kind: 'image-rejected', vm: vm.name, image: vm.image.name, why });
      this.fault(vm, { kind: 'image-rejected', why });
      return;
    }
    vm.start(reason, kind);
    this.#moveIn(vm, reason);
  }

  /** The guest declares normal operation: what it booted has proven itself. */
  enterNormal(vm: Vm): void {
    vm.takeCheckpoint();
    // An update proves itself by its probation.
    if (!this.updates.isOnTrial(vm)) this.#prove(vm);
  }

  #prove(vm: Vm): void {
    const counter = this.#environment.secureBoot.proven(vm.definition, vm.image);
    if (counter !== undefined)
      this.#trace({ at: vm.now, kind: 'rollback-counter-raised', vm: vm.name, counter });
  }

  halt(vm: Vm, code: number, by: HaltedBy): void {
    this.#end(vm);
    vm.stop({ is: 'halted', code });
    this.#trace({ at: vm.now, kind: 'vm-halted', vm: vm.name, code, by });
  }

  /**
   * The VM has a fault: its error handler's turn, or it crashes and the health monitor decides.
   * @returns whether the guest goes on as if nothing had been.
   */
  fault(vm: Vm, fault: FaultInfo, injected?: number): boolean {
    vm.lastFault = fault;
    const isTheGuests = fault.kind === 'trap' || fault.kind === 'application';
    if (isTheGuests && vm.enterErrorHandler(fault)) return false;
    const report = this.health.reportOf(vm, fault);
    if (this.health.passesOver(vm, report)) return true;
    this.#end(vm);
    vm.stop({ is: 'crashed', fault });
    this.#trace({
      at: vm.now,
      ...(injected === undefined ? {} : { injected }),
      kind: 'vm-crashed',
      vm: vm.name,
      fault,
    });
    // What crashes on trial is taken back, whatever its policy says.
    if (this.updates.of(vm)?.stage.is !== 'probation') this.health.attend(vm, report);
    return false;
  }

  /** The VM's power fails, and is there again: it starts cold, unless its table says otherwise. @param injected the fault's number */
  powerFailed(vm: Vm, injected: number): void {
    const fault = { kind: 'power-fail' } as const;
    // What its flash was in the midst of is torn now, whenever the VM starts again.
    vm.board.flash.reset();
    this.updates.of(vm)?.powerFailed();
    if (this.health.isDeclared(vm, this.health.reportOf(vm, fault))) this.fault(vm, fault, injected);
    else this.restart(vm, 'cold');
  }

  /** The guest asked to start anew. */
  reboot(vm: Vm, kind: 'cold' | 'warm'): void {
    this.#end(vm);
    this.#restart(vm, kind, { isReboot: true });
  }

  /** Restarts a VM in whatever state it is, perhaps after a while; it loads and is then a new generation. @param after nanoseconds */
  restart(vm: Vm, kind: RestartKind, after = 0): void {
    this.#end(vm);
    this.#restart(vm, kind, { after });
  }

  /** The machine's schedule has changed, and says that the VM begins anew. */
  scheduleChanged(vm: Vm, kind: 'warm' | 'cold', schedule: string): void {
    if (vm.life.is === 'destroyed') return;
    this.#trace({ at: vm.now, kind: 'schedule-action', vm: vm.name, schedule, action: `${kind}-start` });
    this.restart(vm, kind);
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
    this.health.started(vm);
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

  /** The VM lives on in another machine, with what waited for it here: nothing of it is left. */
  handOver(vm: Vm): void {
    this.#trace({ at: vm.now, kind: 'vm-migrated', vm: vm.name, direction: 'out' });
    unload(vm);
    this.#end(vm);
    vm.destroy();
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

  #restart(
    vm: Vm,
    kind: RestartKind,
    { isReboot = false, after = 0 }: { readonly isReboot?: boolean; readonly after?: number },
  ): void {
    const { system, clock } = this.#environment;
    const { restart, loadPerKib } = system.costs;
    this.#trace({
      at: vm.now,
      kind: 'vm-restarting',
      vm: vm.name,
      restart: kind,
      ...(after === 0 ? {} : { after }),
    });
    vm.stop({
      is: 'restarting',
      kind,
      reason: isReboot ? 'reboot' : kind,
      readyAt:
        this.#environment.cyclesOf(vm) +
        clock.nanosecondsToCycles(after) +
        restart +
        Math.ceil(loadedKib(vm.image) * loadPerKib),
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
    // An event of the hypervisor's own, past the lines that devices drive.
    supervisor.harts[0]!.setLine(supervisor.definition.profile === 'machine' ? 'msip' : 'ssip', true);
    supervisor.advance(this.#environment.cyclesOf(supervisor));
  }

  #moveIn(vm: Vm, reason: StartReason): void {
    this.health.started(vm);
    this.#trace({ at: vm.now, kind: 'vm-started', vm: vm.name, generation: vm.generation, reason });
  }

  /** Nobody is left waiting for what this generation holds. */
  #end(vm: Vm): void {
    for (const channel of this.#environment.channels) channel.vmStopped(vm.number);
  }

  #trace(event: TraceEvent): void {
    this.#environment.trace(event);
  }
}
