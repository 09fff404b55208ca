/** What momentary faults do when they fire. */
import { type ClockConversion, TIMEBASE_FREQUENCY } from '../../platform/time';
import type { LifeCycle } from '../machine/life-cycle';
import type { Vm } from '../vm/vm';
import { jump } from './clock';
import type { MomentaryEffect } from './effect';
import { pulse } from './line-forces';
import { flipBits, writePhysical } from './physical';
import type { Target } from './target';
import { maskOf, readPlace, writePlace } from './register-place';

const NANOSECONDS_PER_TICK = 1e9 / TIMEBASE_FREQUENCY;

export interface Actor {
  readonly lifeCycle: LifeCycle;
  readonly clock: ClockConversion;
  cyclesOf(vm: Vm): number;
}

/** Why the fault cannot act, if it cannot. */
export function whyNot(
  { vm, vcpu: { state, index, hart } }: Target,
  fault: MomentaryEffect,
): string | undefined {
  const mayBeDown = fault.model === 'restart';
  if (!vm.isAlive && vm.life.is !== 'restarting' && !(mayBeDown && vm.life.is !== 'destroyed'))
    return `VM ${vm.name} was ${vm.life.is}`;
  if (fault.model === 'budget-theft' && vm.budgetLeft === Infinity) return `VM ${vm.name} had no budget`;
  if (vm.isAlive && isOnHart(fault) && state.is === 'stopped')
    return `hart ${index} of VM ${vm.name} was stopped`;
  const fetches = fault.model === 'opcode-corruption' || fault.model === 'instruction-replace';
  return fetches && hart.exact.encoding === -1
    ? `hart ${index} of VM ${vm.name} had nothing to execute`
    : undefined;
}

/** @param id the fault's number in the trace */
export function act(id: number, { vm, vcpu, vcpus }: Target, fault: MomentaryEffect, actor: Actor): void {
  const { lifeCycle, clock } = actor;
  const after = (nanoseconds: number): number => actor.cyclesOf(vm) + clock.nanosecondsToCycles(nanoseconds);
  const { hart } = vcpu;
  switch (fault.model) {
    case 'bit-flip':
      if ('address' in fault) flipBits(vm, fault.address, fault.bits);
      else writePlace(hart, fault, readPlace(hart, fault) ^ maskOf(fault.bits));
      return;
    case 'overwrite':
      if ('address' in fault) writePhysical(vm, fault.address, fault.bytes);
      else writePlace(hart, fault, fault.value);
      return;
    case 'instruction-skip':
      return hart.skip(fault.count);
    case 'instruction-replace':
      return hart.exact.replaceNext(fault.encoding);
    case 'opcode-corruption':
      return hart.exact.replaceNext(hart.exact.encoding ^ fault.mask);
    case 'crash':
      lifeCycle.fault(vm, { kind: 'injected', how: 'crash' }, id);
      return;
    case 'power-fail':
      return lifeCycle.powerFailed(vm, id);
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
    case 'interrupt-spurious':
      return pulse(vm, vcpu, fault.line);
    case 'pause':
      return lifeCycle.suspend(vm, after(fault.duration));
    case 'clock-jump':
      return jump(vm, actor.cyclesOf(vm), Math.round(fault.by / NANOSECONDS_PER_TICK));
    case 'budget-theft':
      vm.budgetLeft = Math.max(0, vm.budgetLeft - clock.nanosecondsToCycles(fault.amount));
  }
}

const isOnHart = (fault: MomentaryEffect): boolean =>
  'register' in fault ||
  'csr' in fault ||
  fault.model === 'instruction-skip' ||
  fault.model === 'instruction-replace' ||
  fault.model === 'opcode-corruption';
