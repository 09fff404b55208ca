/** A snapshot of one VM: in a test's hands, or in a file. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  type GuestCapture,
  type GuestImage,
  locksTaken,
  type Machine,
  type SlotsStorage,
} from '../../hypervisor';
import { AuthorError, type AuthorErrorCode } from '../author-error';
import { durationText } from '../report/time-text';
import { packed, unpacked } from './packed';
import { fromPortable, type PortableVm, shapeDifference, shapeOf, toPortable } from './portable-vm';

const FORMAT = 'testvisor VM snapshot';
/** Changes whenever a file of before cannot be read any more. */
const VERSION = 3;

/** An image as what it holds: the file's hash where there is one file. */
export type HashedImage = GuestImage & { readonly hash: string };

/** A VM as it is kept or travels, with the image slots of one that can be updated. */
export interface KeptVm extends PortableVm {
  /** `null` for a VM that cannot be updated, or of which an update is under way. */
  readonly slots: SlotsStorage | null;
}

/** One VM at one moment. `restore` of the same VM, in this machine or in another one of its system, takes it. */
export class VmSnapshot {
  /** The VM's name. */
  readonly vm: string;
  /** Virtual nanoseconds since the machine started at which it was taken. */
  readonly at: number;
  /** @internal */
  readonly state: KeptVm;

  constructor(state: KeptVm, at: number) {
    this.vm = state.vm;
    this.at = at;
    this.state = state;
  }

  /** Writes it to a file, which `readVmSnapshot` reads. Throws what the file system throws. */
  saveTo(path: string): void {
    writeFileSync(path, this.toBytes());
  }

  /** The file's bytes. */
  toBytes(): Uint8Array {
    const body = packed({ at: this.at, state: this.state });
    return packed({ format: FORMAT, version: VERSION, sha256: sha256(body), body });
  }
}

/**
 * A snapshot from a file, or its bytes.
 * @throws AuthorError (`bad-snapshot`) for anything else than what `saveTo` wrote, to the last bit
 */
export function readVmSnapshot(source: string | Uint8Array): VmSnapshot {
  const name = typeof source === 'string' ? source : 'the bytes';
  const refuse = (what: string, mend: string): AuthorError =>
    new AuthorError({ code: 'bad-snapshot', where: 'readVmSnapshot()', what: `${name}: ${what}`, mend });
  const again = 'Take the snapshot again: vm.snapshot().saveTo(path).';
  const file = unpacked(typeof source === 'string' ? readFileSync(source) : source) as
    | {
        readonly format?: unknown;
        readonly version?: unknown;
        readonly sha256?: unknown;
        readonly body?: unknown;
      }
    | undefined;
  if (typeof file !== 'object' || file === null || file.format !== FORMAT)
    throw refuse('this is no snapshot of a VM.', 'Give a file that vm.snapshot().saveTo(path) has written.');
  if (file.version !== VERSION)
    throw refuse(
      `it has version ${String(file.version)} of the format, and this is version ${VERSION}.`,
      'Take it again, or use the version of testvisor that wrote it.',
    );
  if (!ArrayBuffer.isView(file.body) || sha256(file.body as Uint8Array) !== file.sha256)
    throw refuse('it is damaged: its contents are not what was written.', again);
  const body = unpacked(file.body as Uint8Array) as { readonly at: number; readonly state: KeptVm };
  return new VmSnapshot(body.state, body.at);
}

/** @throws AuthorError (`wrong-state`) for a VM that is about to start anew */
export function takeVmSnapshot(machine: Machine, name: string): VmSnapshot {
  const vm = machine.vm(name);
  if (vm.life.is === 'restarting')
    throw new AuthorError({
      code: 'wrong-state',
      where: `vm('${name}').snapshot()`,
      what: 'the VM is restarting: there is no guest in it now.',
      mend: 'Run until it has: runUntil(vm.restarted(), { atMost: ms(5) }).',
    });
  const capture = machine.capture(name);
  const portable = toPortable(machine.system, vm, capture, (capture.image as HashedImage).hash);
  return new VmSnapshot(
    { ...portable, slots: updateOf(machine, name)?.kept ?? null },
    machine.clock.cyclesToNanoseconds(capture.takenAt),
  );
}

/**
 * @param images those that the VM may boot here: its present one and the system's.
 * @throws AuthorError for a snapshot that cannot be restored here; nothing is changed then
 */
export function restoreVmSnapshot(
  machine: Machine,
  name: string,
  snapshot: VmSnapshot,
  images: readonly HashedImage[],
): void {
  machine.restoreVm(captureOf(machine, name, snapshot, images), 'snapshot');
  keepSlots(machine, name, snapshot.state);
}

/** The VM has the image slots that it had, unless an update is under way here. */
export function keepSlots(machine: Machine, name: string, { slots }: Pick<KeptVm, 'slots'>): void {
  const update = updateOf(machine, name);
  if (slots !== null && update !== undefined && update.kept !== null) update.keep(slots);
}

const updateOf = (machine: Machine, name: string): ReturnType<Machine['update']> | undefined =>
  machine.vm(name).definition.update === undefined ? undefined : machine.update(name);

/** The image that a VM has brought along in one of its slots, if it has and that one may live here. */
function imageInSlots(machine: Machine, name: string, { slots, image }: KeptVm): GuestImage | undefined {
  for (const [slot, file] of (slots?.slots ?? []).entries()) {
    const found = file === null ? undefined : updateOf(machine, name)?.look(file, slot);
    if (found?.is === 'right' && (found.image as HashedImage).hash === image) return found.image;
  }
  return undefined;
}

/**
 * What a VM is to be, resolved against its machine.
 * @param where what the author called
 * @throws AuthorError for what this VM cannot be
 */
export function captureOf(
  machine: Machine,
  name: string,
  { state, at, vm: of }: Pick<VmSnapshot, 'state' | 'at' | 'vm'>,
  images: readonly HashedImage[],
  where = `vm('${name}').restore()`,
): GuestCapture {
  const vm = machine.vm(name);
  const refuse = (code: AuthorErrorCode, what: string, mend: string): AuthorError =>
    new AuthorError({ code, where, what, mend });
  if (of !== name)
    throw refuse('other-vm', `the snapshot is of VM “${of}”.`, `Write vm('${of}').restore(snapshot).`);
  const difference = shapeDifference(shapeOf(machine.system, vm), state.shape);
  if (difference !== undefined)
    throw refuse(
      'other-vm',
      `the snapshot is of a VM of another system: its ${difference.what} is ${difference.found}, here it is ${difference.wanted}.`,
      'Restore it into a machine of the system that it was taken in.',
    );
  const image = images.find(({ hash }) => hash === state.image) ?? imageInSlots(machine, name, state);
  if (image === undefined)
    throw refuse(
      'other-image',
      `the VM ran another image then (SHA-256 ${state.image.slice(0, 12)}…).`,
      'Deploy that image first, or take the snapshot again with the present one.',
    );
  if (state.takenAt > machine.clock.nanosecondsToCycles(machine.now))
    throw refuse(
      'later-snapshot',
      `it was taken at ${durationText(at)}, and here it is ${durationText(machine.now)}: time would go back for the guest.`,
      `Run that far first: runTo(${at}).`,
    );
  const capture = fromPortable(vm, state, image);
  const [taken] = locksTaken(vm, capture);
  if (taken !== undefined)
    throw refuse(
      'lock-held',
      `the guest held the lock of ${machine.channels[taken]!.name}, which another VM holds now.`,
      'Restore when that VM has unlocked it.',
    );
  return capture;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
