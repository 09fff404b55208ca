/** What momentary faults do when they fire. */
import type { ClockConversion } from '../../platform/time';
import type { HartContract } from '../hart/contract';
import type { LifeCycle } from '../machine/life-cycle';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import type { MomentaryEffect } from './effect';
import { registerNumber, registerWidth } from './registers';

export interface Actor {
  readonly lifeCycle: LifeCycle;
  readonly clock: ClockConversion;
  cyclesOf(vm: Vm): number;
}

/** Where a fault acts: a VM, one of its harts, and those harts that a fault of the whole VM is about. */
export interface Target {
  readonly vm: Vm;
  readonly vcpu: Vcpu;
  readonly vcpus: readonly Vcpu[];
}

/** Why the fault cannot act, if it cannot. */
export function whyNot({ vm, vcpu: { state, index } }: Target, fault: MomentaryEffect): string | undefined {
  const mayBeDown = fault.model === 'restart';
  if (!vm.isAlive && vm.life.is !== 'restarting' && !(mayBeDown && vm.life.is !== 'destroyed'))
    return `VM ${vm.name} was ${vm.life.is}`;
  if (fault.model === 'budget-theft' && vm.budgetLeft === Infinity) return `VM ${vm.name} had no budget`;
  const isOnHart = 'register' in fault || fault.model === 'instruction-skip';
  return vm.isAlive && isOnHart && state.is === 'stopped'
    ? `hart ${index} of VM ${vm.name} was stopped`
    : undefined;
}

/** @param id the fault's number in the trace */
export function act(id: number, { vm, vcpu, vcpus }: Target, fault: MomentaryEffect, actor: Actor): void {
  const { lifeCycle, clock } = actor;
  const after = (nanoseconds: number): number => actor.cyclesOf(vm) + clock.nanosecondsToCycles(nanoseconds);
  const { hart } = vcpu;
  switch (fault.model) {
    case 'bit-flip':
      if ('register' in fault) flipRegister(hart, fault.register, fault.bits);
      else flipMemory(vm, fault.address, fault.bits);
      return;
    case 'overwrite':
      if ('register' in fault) writeRegister(hart, fault.register, fault.value);
      else vm.memory.write(fault.address, fault.bytes);
      return;
    case 'instruction-skip':
      return hart.skip(fault.count);
    case 'crash':
      lifeCycle.fault(vm, { kind: 'injected', how: 'crash' }, id);
      return;
    case 'kill':
      return lifeCycle.halt(vm, 0, 'test');
    case 'restart':
      return lifeCycle.restart(vm, fault.kind);
    case 'hang':
      for (const { pace } of vcpus) pace.stall(Infinity);
      return;
    case 'hart-stall':
      for (const { pace } of vcpus) pace.stall(after(fault.duration));
      return;
    case 'pause':
      return lifeCycle.suspend(vm, after(fault.duration));
    case 'budget-theft':
      vm.budgetLeft = Math.max(0, vm.budgetLeft - clock.nanosecondsToCycles(fault.amount));
  }
}

function readRegister(hart: HartContract, name: string): bigint {
  return name === 'pc' ? hart.pc : hart.readRegister(registerNumber(name));
}

function writeRegister(hart: HartContract, name: string, value: bigint): void {
  const word = BigInt.asUintN(registerWidth(name, hart.xlen), value);
  // Instructions are at even addresses: a pc has no bit 0.
  if (name === 'pc') hart.pc = word & ~1n;
  else hart.writeRegister(registerNumber(name), word);
}

function flipRegister(hart: HartContract, name: string, bits: readonly number[]): void {
  const mask = bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
  writeRegister(hart, name, readRegister(hart, name) ^ mask);
}

/** Bit 8 and above are those of the bytes that follow. */
function flipMemory(vm: Vm, address: number, bits: readonly number[]): void {
  for (const bit of bits) {
    const at = address + (bit >>> 3);
    const [byte] = vm.memory.read(at, 1);
    vm.memory.write(at, Uint8Array.of(byte! ^ (1 << (bit & 7))));
  }
}
