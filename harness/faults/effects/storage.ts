/** Faults of what keeps data: disks and flash. */
import type { FaultEffect } from '../../../hypervisor';
import { CFI_FLASH } from '../../../platform/devices/cfi-flash';
import { AuthorError } from '../../author-error';
import { requireWholeNumber } from '../../machine/require-amount';
import type { OnMedium } from '../fault-plan';
import { requireDisk, requireOneOf } from '../require-names';
import { requireTimes } from '../resolve-lifespan';
import type { Times } from '../when';
import type { VmEffects, VmTarget } from './target';

type DiskFault = Extract<FaultEffect, { readonly model: 'disk-fault' }>;

export const STORAGE: Pick<
  VmEffects,
  'diskError' | 'tornWrite' | 'interruptedErase' | 'silentWriteFailure' | 'readDisturb'
> = {
  diskError: (target, { disk = 0, requests = 'any', nth, times }) => ({
    ...onDisk(target, disk, { nth, times }),
    requests: requireOneOf(
      `${target.call}({ requests })`,
      'kind of request',
      ['reads', 'writes', 'any'],
      requests,
    ),
    action: { is: 'error' },
  }),
  tornWrite: (target, { disk = 0, bytes, nth }) => ({
    ...onDisk(target, disk, { nth }),
    requests: 'writes',
    action: { is: 'torn', bytes: requireWholeNumber(`${target.call}({ bytes })`, bytes, 0) },
  }),
  interruptedErase: ({ call, machine, vm }, { operation = 'erase', progress = 0.5, nth = 1 }) => {
    requireOneOf(`${call}({ operation })`, 'operation', ['erase', 'program'], operation);
    const { programTime, eraseTime } = machine.system.vms.find(({ name }) => name === vm)!.flash;
    if ((operation === 'erase' ? eraseTime : programTime) === 0)
      throw new AuthorError({
        code: 'bad-fault',
        where: `${call}({ operation })`,
        what: `to ${operation} the flash of VM “${vm}” takes no time, so nothing can come in between.`,
        mend: 'Declare how long it takes: flash: { programTime: us(10), eraseTime: ms(1) }.',
      });
    if (!(progress >= 0 && progress < 1))
      throw new AuthorError({
        code: 'bad-value',
        where: `${call}({ progress })`,
        what: `${String(progress)} is no part of an operation.`,
        mend: 'Say progress: 0.5 for the middle of it.',
      });
    return { model: 'flash-interrupted', vm, operation, progress, passing: passing(call, nth) };
  },
  silentWriteFailure: (target, { disk, flash, nth, times }) => {
    if (!isFlash(target, { disk, flash }))
      return {
        ...onDisk(target, disk ?? 0, { nth, times }),
        requests: 'writes',
        action: { is: 'silent' },
      };
    return {
      model: 'flash-silent',
      vm: target.vm,
      operation: 'any',
      passing: passing(target.call, nth),
    };
  },
  readDisturb: (target, { disk, flash, offset, bits, nth, times }) => {
    const { call, vm } = target;
    const onFlash = isFlash(target, { disk, flash });
    if (bits.length === 0)
      throw new AuthorError({
        code: 'no-bits',
        where: `${call}({ bits })`,
        what: 'it does not say which bits.',
        mend: 'Give bits: [0]: bit 0 is the lowest of the byte at offset, bit 8 the lowest of the next.',
      });
    const bytes = Math.floor(Math.max(...bits) / 8) + 1;
    for (const bit of bits) requireWholeNumber(`${call}({ bits })`, bit, 0);
    const size = onFlash ? CFI_FLASH.size : sizeOfDisk(target, disk ?? 0);
    requireWholeNumber(`${call}({ offset })`, offset, 0, size - bytes);
    if (onFlash) return { model: 'flash-disturb', vm, offset, bits, passing: passing(call, nth) };
    return {
      ...onDisk(target, disk ?? 0, { nth, times }),
      requests: 'reads',
      action: { is: 'disturb', offset, bits },
    };
  },
};

const passing = (call: string, nth = 1): number => requireWholeNumber(`${call}({ nth })`, nth, 1) - 1;

/** Whether it is about the flash: about one medium, at least. */
function isFlash({ call }: VmTarget, { disk, flash }: OnMedium): boolean {
  if (flash === undefined || disk === undefined) return flash === true;
  throw new AuthorError({
    code: 'several-locations',
    where: call,
    what: 'it names a disk and the flash.',
    mend: 'A fault has one location; inject one fault for each.',
  });
}

function onDisk(
  { call, machine, vm }: VmTarget,
  disk: number,
  { nth, times = 1 }: { readonly nth?: number | undefined; readonly times?: Times | undefined },
): Pick<DiskFault, 'model' | 'vm' | 'disk' | 'passing' | 'count'> {
  return {
    model: 'disk-fault',
    vm,
    disk: requireDisk(`${call}({ disk })`, machine, vm, disk),
    passing: passing(call, nth),
    count: requireTimes(call, times),
  };
}

/** Bytes; of a disk that is as large as what it is made of, as many as there may be. */
function sizeOfDisk({ call, machine, vm }: VmTarget, disk: number): number {
  requireDisk(`${call}({ disk })`, machine, vm, disk);
  const { size } = machine.system.vms.find(({ name }) => name === vm)!.disks[disk]!;
  return size ?? Number.MAX_SAFE_INTEGER;
}
