/** A VM's devices, wired to it: what they are told of the VM, and what they say of themselves. */
import { Board } from '../devices/board';
import type { DeviceContext } from '../devices/device';
import type { VmEnvironment, VmParts } from './contract';
import { deliveredFlash } from './load-guest';
import { RamDma } from './ram-dma';
import type { Vm } from './vm';
import { VmVirtio } from './vm-virtio';

export const makeVirtio = (
  vm: Vm,
  { system, seed, trace }: VmEnvironment,
  { number, definition, disks, nics }: VmParts,
): VmVirtio =>
  new VmVirtio({
    system,
    definition,
    number,
    seed,
    disks,
    nics,
    isAlive: () => vm.isAlive,
    onLine: (text) => trace({ at: vm.now, kind: 'console', vm: vm.name, text, device: 'virtio' }),
    now: () => vm.now,
    onDiskFault: (fault, description) =>
      trace({ at: vm.now, kind: 'fault-injected', fault, vm: vm.name, description }),
  });

export const makeBoard = (
  vm: Vm,
  { system, seed, trace }: VmEnvironment,
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
    },
    dma: new RamDma(memory),
    virtio: vm.virtio.devices,
    onViolation: (device, violation) =>
      trace({ at: vm.now, kind: 'device-stopped', vm: vm.name, device, violation }),
  });
