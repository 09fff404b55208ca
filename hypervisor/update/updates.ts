/** The updates of all VMs of a machine, as its life cycles and its hypercalls meet them. */
import type { TraceEvent } from '../trace/events';
import type { Vm } from '../vm/vm';
import type { UpdateDesk } from '../hypercalls';
import { type SlotReader, slotsOf, type UpdatesStorage } from './boot-slots';
import type { VmUpdateState } from './stage';
import type { UpdateEnvironment } from './environment';
import { VmUpdate } from './vm-update';

export class Updates {
  /** In order of the system's VMs. */
  readonly all: readonly VmUpdate[];
  readonly #ofTarget = new Map<Vm, VmUpdate>();
  readonly #ofShadow = new Map<Vm, VmUpdate>();

  constructor(storage: SlotReader['storage'], environment: UpdateEnvironment) {
    const { vms } = environment;
    this.all = vms.flatMap((target) => {
      const shadow = vms.find(({ definition }) => definition.shadowOf === target.name);
      return shadow === undefined
        ? []
        : [new VmUpdate(target, shadow, slotsOf(storage, target.name), environment)];
    });
    for (const update of this.all) {
      this.#ofTarget.set(update.target, update);
      this.#ofShadow.set(update.shadow, update);
    }
  }

  /** The update of the VM, for one that can be updated. */
  of(target: Vm): VmUpdate | undefined {
    return this.#ofTarget.get(target);
  }

  /** The update in which the VM takes part, be it as target or as shadow. */
  concerning(vm: Vm): VmUpdate | undefined {
    return this.#ofTarget.get(vm) ?? this.#ofShadow.get(vm);
  }

  /** Whether the VM's guest has not proven itself yet: one that is tested, or in probation. */
  isOnTrial(vm: Vm): boolean {
    return this.#ofShadow.has(vm) || this.of(vm)?.stage.is === 'probation';
  }

  /** Why a VM cannot leave its machine, if it is for an update. */
  obstacleToLeaving(vm: Vm): string | undefined {
    const shadowed = this.#ofShadow.get(vm);
    if (shadowed !== undefined) return `it is the shadow of ${shadowed.target.name}`;
    return this.of(vm)?.kept === null ? 'an update of it is under way' : undefined;
  }

  observe(event: TraceEvent): void {
    for (const update of this.all) update.observe(event);
  }

  /** A VM as the one who updates others, or is updated. */
  deskOf(caller: Vm, { vms }: { readonly vms: readonly Vm[] }): UpdateDesk {
    return {
      mayUpdate: (vm) => vms[vm]?.definition.update?.by.includes(caller.name) === true,
      of: (vm) => this.of(vms[vm]!)!,
      ofShadow: this.#ofShadow.get(caller),
      own: this.of(caller),
    };
  }

  storage(): UpdatesStorage {
    return Object.fromEntries(this.all.map((update) => [update.target.name, update.storage()]));
  }

  save(): readonly VmUpdateState[] {
    return this.all.map((update) => update.save());
  }

  restore(states: readonly VmUpdateState[]): void {
    this.all.forEach((update, number) => update.restore(states[number]!));
  }
}
