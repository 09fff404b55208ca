/** A VM's devices, wired to it: what they are told of the VM, and what they say of themselves. */
import { RateLimit } from '../channels';
import { Board } from '../devices/board';
import { Console, type ConsoleLimit } from '../devices/console';
import type { DeviceContext } from '../devices/device';
import type { VmEnvironment, VmParts } from './contract';
import { deliveredFlash } from './load-guest';
import { RamDma } from './ram-dma';
import type { Vm } from './vm';
import { VmVirtio } from './vm-virtio';

/** One of the VM's consoles, held to what it may write. */
export function makeConsole(vm: Vm, { clock, cyclesOf, trace }: VmEnvironment, device?: 'virtio'): Console {
  const { consoleCapacity: capacity, consoleRate } = vm.definition;
  const limit: ConsoleLimit | undefined = consoleRate && {
    rate: new RateLimit(consoleRate, clock.nanosecondsToCycles(consoleRate.per)),
    now: () => cyclesOf(vm),
    onExcess: () =>
      trace({
        at: vm.now,
        kind: 'limit-exceeded',
        vm: vm.name,
        limit: 'console-rate',
        of: device === undefined ? 'console' : `${device} console`,
      }),
  };
  return new Console({
    capacity,
    onLine: (text) =>
      trace({ at: vm.now, kind: 'console', vm: vm.name, text, ...(device === undefined ? {} : { device }) }),
    ...(limit === undefined ? {} : { limit }),
  });
}

export const makeVirtio = (
  vm: Vm,
  environment: VmEnvironment,
  { number, definition, disks, nics }: VmParts,
): VmVirtio => {
  const { system, seed, trace } = environment;
  return new VmVirtio({
    system,
    definition,
    number,
    seed,
    disks,
    nics,
    isAlive: () => vm.isAlive,
    console: makeConsole(vm, environment, 'virtio'),
    now: () => vm.now,
    onDiskFault: (fault, description) =>
      trace({ at: vm.now, kind: 'fault-injected', fault, vm: vm.name, description }),
    onQuotaExceeded: (of) => trace({ at: vm.now, kind: 'limit-exceeded', vm: vm.name, limit: 'storage', of }),
  });
};

export const makeBoard = (
  vm: Vm,
  { system, clock, seed, trace }: VmEnvironment,
  { number, definition, image, memory, shared, flash }: VmParts,
  { context, rom }: { readonly context: DeviceContext; readonly rom: Uint8Array },
): Board =>
  new Board({
    context,
    bootRom: rom,
    profile: definition.profile,
    console: vm.console,
    epoch: system.epoch,
    memory: memory.machine.bytes,
    shared,
    flash: {
      contents: deliveredFlash(flash, image),
      times: { program: definition.flash.programTime, erase: definition.flash.eraseTime },
      // One that differs between the VMs of a machine.
      seed: seed + number * 2 ** 32,
      quota: vm.virtio.quotas.at(-1)!,
    },
    dma: new RamDma(memory),
    virtio: vm.virtio.devices,
    ...(definition.watchdog === undefined
      ? {}
      : { watchdog: clock.nanosecondsToCycles(definition.watchdog) }),
    onViolation: (device, violation) =>
      trace({ at: vm.now, kind: 'device-stopped', vm: vm.name, device, violation }),
  });
