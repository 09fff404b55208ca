/** A test, or whoever manages a machine, in the place of an update server. */
import type { Machine } from '../../hypervisor';
import type { Rejection } from '../../platform/secure-boot/rejection';
import { TEST_END } from '../../platform/system';
import type { UpdateFailure, UpdateResult, UpdateStage } from '../../platform/update/stages';
import { AuthorError } from '../author-error';

/** How the update of a VM stands, and what became of the last one. */
export interface VmUpdateStatus {
  readonly stage: UpdateStage;
  readonly result: UpdateResult;
  /** Why the last one came to nothing; undefined when it did not. */
  readonly why: UpdateFailure | undefined;
  /** What secure boot had against it, where `why` is `rejected`. */
  readonly rejection: Rejection | undefined;
  /** The image slot that the VM boots. */
  readonly slot: number;
  /** How often its boot record has been written. */
  readonly sequence: number;
}

/** @throws AuthorError for a VM that cannot be updated */
export function updateStatus(machine: Machine, vm: string): VmUpdateStatus {
  const { stage, last, record } = requireUpdatable(machine, vm, 'update');
  const { slot, sequence } = record;
  return { stage: stage.is, result: last.result, why: last.why, rejection: last.rejection, slot, sequence };
}

/** Brings all of an image at once. What is wrong with it, the status says. @throws AuthorError where none can be brought now */
export function bringUpdate(machine: Machine, vm: string, image: Uint8Array): void {
  const where = `vm('${vm}').startUpdate()`;
  const update = requireUpdatable(machine, vm, 'startUpdate()');
  const problem = update.announce(image.length, TEST_END);
  if (problem === 'under-way')
    throw new AuthorError({
      code: 'wrong-state',
      where,
      what:
        update.stage.is === 'none'
          ? 'its boot record is being written.'
          : `an update of it is under way (${update.stage.is}).`,
      mend: `Wait for its end: await machine.runUntil(machine.vm('${vm}').updateEnds(), { atMost: ms(500) }).`,
    });
  if (problem === 'out-of-range')
    throw new AuthorError({
      code: 'over-limit',
      where,
      what: `${image.length} bytes do not go into its image slots of ${machine.vm(vm).definition.update!.slotSize}.`,
      mend: 'Declare update: { slotSize: kib(512) } in the system, or strip the image.',
    });
  update.receive(0, image);
  update.activate();
}

/** @throws AuthorError where no update is under way */
export function abortUpdate(machine: Machine, vm: string): void {
  if (requireUpdatable(machine, vm, 'abortUpdate()').abort(TEST_END)) return;
  throw new AuthorError({
    code: 'wrong-state',
    where: `vm('${vm}').abortUpdate()`,
    what: 'no update of it is under way.',
    mend: `Begin one: machine.vm('${vm}').startUpdate('new.elf').`,
  });
}

function requireUpdatable(machine: Machine, vm: string, what: string): ReturnType<Machine['update']> {
  if (machine.vm(vm).definition.update !== undefined) return machine.update(vm);
  throw new AuthorError({
    code: 'not-updatable',
    where: `vm('${vm}').${what}`,
    what: 'the system does not declare that it can be updated.',
    mend: `Declare vms: { ${vm}: { update: { shadow: 'spare', probation: ms(50) }, … } }, and a VM for its shadow.`,
  });
}
