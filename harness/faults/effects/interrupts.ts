/** Faults of interrupt lines. */
import type { FaultyLine } from '../../../hypervisor';
import { PLIC_LAST_SOURCE } from '../../../platform/devices/plic';
import { IRQ_LINES, type IrqLine } from '../../../platform/interrupts';
import { requireWholeNumber } from '../../machine/require-amount';
import type { OnLine } from '../fault-plan';
import { requireOneOf } from '../require-names';
import type { VmEffects, VmTarget } from './target';

const OF_HARTS = ['timer', 'software', 'external'] as const;
const OF_PLIC = Object.keys(IRQ_LINES) as IrqLine[];
/** Of virtio devices. */
const LAST_SLOT = 7;

export const INTERRUPTS: Pick<
  VmEffects,
  'loseInterrupt' | 'delayInterrupt' | 'duplicateInterrupt' | 'spuriousInterrupt' | 'interruptStorm'
> = {
  loseInterrupt: (target, plan) => ({
    model: 'interrupt-lost',
    vm: target.vm,
    line: lineOf(target, plan),
    passing: passing(target, plan.nth),
  }),
  delayInterrupt: (target, plan) => ({
    model: 'interrupt-delayed',
    vm: target.vm,
    line: lineOf(target, plan),
    delay: requireWholeNumber(`${target.call}({ by })`, plan.by, 1),
    passing: passing(target, plan.nth),
  }),
  duplicateInterrupt: (target, plan) => ({
    model: 'interrupt-duplicated',
    vm: target.vm,
    line: lineOf(target, plan),
    passing: passing(target, plan.nth),
  }),
  spuriousInterrupt: (target, plan) => ({
    model: 'interrupt-spurious',
    vm: target.vm,
    line: lineOf(target, plan),
  }),
  interruptStorm: (target, plan) => ({
    model: 'interrupt-storm',
    vm: target.vm,
    line: lineOf(target, plan),
    period: requireWholeNumber(`${target.call}({ period })`, plan.period, shortestPeriod(target)),
  }),
};

const passing = ({ call }: VmTarget, nth = 1): number => requireWholeNumber(`${call}({ nth })`, nth, 1) - 1;

/** A cycle. */
const shortestPeriod = ({ machine }: VmTarget): number => Math.ceil(1e9 / machine.system.frequency);

function lineOf({ call }: VmTarget, { line, slot = 0 }: OnLine): FaultyLine {
  if (typeof line === 'number') return requireWholeNumber(`${call}({ line })`, line, 1, PLIC_LAST_SOURCE);
  const known = requireOneOf(`${call}({ line })`, 'interrupt line', [...OF_HARTS, ...OF_PLIC], line);
  if (known === 'timer' || known === 'software' || known === 'external') return known;
  requireWholeNumber(`${call}({ slot })`, slot, 0, known === 'virtio' ? LAST_SLOT : 0);
  return IRQ_LINES[known] + slot;
}
