/** Which harts are watched, instruction by instruction, for which faults; and what is stuck in memory. */
import type { BusFault } from '../devices/faulty-bus';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import { ramFaults } from './bus-forces';
import type { Fault } from './fault';
import { FaultWatch } from './fault-watch';
import { type Force, forcesOf, type ForcesReports } from './force';
import { type Injection, waitsForAccess } from './injection';
import { extentOf, holdCells, holdRegister } from './stuck';

type StuckInMemory = Force<'stuck-at'> & { readonly fault: { readonly address: number } };

const stuckCells = (active: readonly Force[], vm: Vm): readonly StuckInMemory[] =>
  forcesOf(active, 'stuck-at', vm).filter((force): force is StuckInMemory => 'address' in force.fault);

export class Watches {
  readonly #vms: readonly Vm[];
  readonly #reports: ForcesReports;
  readonly #watches = new Map<Vcpu, FaultWatch>();
  #active: readonly Force[] = [];

  constructor(vms: readonly Vm[], reports: ForcesReports) {
    this.#vms = vms;
    this.#reports = reports;
  }

  /** @param waiting those that wait for an access */
  settle(active: readonly Force[], waiting: readonly Injection[]): void {
    this.#active = active;
    for (const vm of this.#vms) this.#settleVm(vm, waiting);
  }

  /** Puts back what is stuck in memory. */
  hold(): void {
    for (const vm of this.#vms)
      for (const force of stuckCells(this.#active, vm)) holdCells(vm, force, this.#reports);
  }

  forget(): void {
    for (const watch of this.#watches.values()) watch.forget();
  }

  /** Bits that are stuck outside of RAM are put back whenever anything goes there; a shared region is others', too. */
  onBus(vm: Vm): readonly BusFault[] {
    return this.#vms.flatMap((owner) =>
      stuckCells(this.#active, owner).flatMap((force): readonly BusFault[] => {
        const { address, size } = extentOf(force.fault);
        if (owner.memory.isRam(address, 1)) return [];
        const at = owner === vm ? address : seenBy(vm, owner.memory.sharedAt(address));
        if (at === undefined) return [];
        const hold = (): void => holdCells(owner, force, this.#reports);
        return [
          {
            address: at,
            size,
            load: (_address, _size, next) => {
              hold();
              return next();
            },
            store: (_address, _size, _value, next) => {
              const isTaken = next();
              hold();
              return isTaken;
            },
          },
        ];
      }),
    );
  }

  #settleVm(vm: Vm, waiting: readonly Injection[]): void {
    const reports = this.#reports;
    const stuck = forcesOf(this.#active, 'stuck-at', vm);
    const cells = stuckCells(this.#active, vm).filter(({ fault }) => vm.memory.isRam(fault.address, 1));
    const ram = ramFaults(this.#active, vm, reports);
    vm.ram.afterWrite =
      cells.length === 0 ? undefined : () => cells.forEach((force) => holdCells(vm, force, reports));
    for (const vcpu of vm.vcpus) {
      const { index, hart } = vcpu;
      const registers = stuck.filter(({ fault }) => !('address' in fault) && (fault.hart ?? 0) === index);
      const waits = waiting.filter(({ fault }) => isAt(fault, vm, index));
      const watch = this.#watches.get(vcpu) ?? new FaultWatch(vcpu);
      this.#watches.set(vcpu, watch);
      if (registers.length + cells.length + ram.length + waits.length === 0) {
        watch.settle(undefined);
        continue;
      }
      watch.settle({
        ram,
        hold: () => {
          for (const force of registers) holdRegister(hart, vm, force, reports);
          for (const force of cells) holdCells(vm, force, reports);
        },
        waitsFor:
          waits.length === 0
            ? undefined
            : (access) => waits.some((injection) => waitsForAccess(injection, access)),
      });
    }
  }
}

const isAt = (fault: Fault, vm: Vm, hart: number): boolean =>
  'vm' in fault && fault.vm === vm.name && (fault.hart ?? 0) === hart;

/** The address at which a VM sees a place in the machine's memory that is shared, if it does. */
function seenBy(vm: Vm, linear: number | undefined): number | undefined {
  if (linear === undefined) return undefined;
  const region = vm.memory.shared.find((each) => linear >= each.linear && linear < each.linear + each.size);
  return region === undefined ? undefined : linear - region.linear + region.address;
}
