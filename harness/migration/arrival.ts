/** A VM on its way into a machine: collected piece by piece, and put into it as a whole or not at all. */
import { createHash } from 'node:crypto';
import { allows, type Machine } from '../../hypervisor';
import { PAGE_SIZE } from '../../platform/memory-map';
import { BOOT_RECORD_SIZE, SLOTS } from '../../platform/update/boot-record';
import type { TestMachine } from '../machine/test-machine';
import { packed, unpacked } from '../machine/packed';
import { type PortableVm, shapeDifference, shapeOf, toPortable } from '../machine/portable-vm';
import { captureOf, keepSlots, type KeptVm } from '../machine/vm-snapshot';
import { type Cargo, load } from './cargo';
import { unlikeness } from './likeness';
import type { FromSource, Offer, Pages, Switch } from './protocol';

/** Everything of a VM that is not RAM. */
export interface Luggage {
  /** Its RAM is empty here. */
  readonly vm: KeptVm;
  readonly cargo: readonly Cargo[];
}

/** Why a VM is not let in. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Bytes of state beyond the RAM of its checkpoint: what its disks and flash hold, and all else. */
const BESIDES_RAM = 64 * 1024 * 1024;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Destination = Pick<TestMachine, 'hypervisor' | 'imagesOf'>;

export class Arrival {
  readonly #machine: Destination;
  readonly #offer: Offer;
  readonly #ram: Uint8Array;
  readonly #state: Uint8Array[] = [];
  readonly #largestState: number;
  #stateSize = 0;

  /** @throws Refusal for a VM that has no place here */
  constructor(machine: Destination, offer: Offer) {
    const inner = machine.hypervisor;
    const vm = inner.vms.find(({ name }) => name === offer.vm);
    if (vm === undefined) throw new Refusal(`there is no VM “${offer.vm}” here`);
    if (vm.definition.confidential === 'nobody')
      throw new Refusal('it is confidential, and would be read on its way');
    requireFree(inner, offer.vm);
    const difference = shapeDifference(shapeOf(inner.system, vm), offer.shape);
    if (difference !== undefined)
      throw new Refusal(`its ${difference.what} is ${difference.found}, here it is ${difference.wanted}`);
    // One that can be updated brings its image along.
    const isHere = machine.imagesOf(offer.vm).some(({ hash }) => hash === offer.image);
    if (!isHere && vm.definition.update === undefined)
      throw new Refusal('its image is not here: deploy it first');
    this.#machine = machine;
    this.#offer = offer;
    this.#ram = new Uint8Array(vm.ram.ramCapacity);
    this.#largestState = vm.ram.ramCapacity * 2 + BESIDES_RAM;
  }

  /** @throws Refusal for a piece that cannot be one of it */
  take(piece: Extract<FromSource, { readonly is: 'pages' | 'state' }>): void {
    if (piece.is === 'pages') return this.#takePages(piece);
    this.#stateSize += piece.bytes.length;
    if (this.#stateSize > this.#largestState) throw new Refusal('its state is larger than it can be');
    this.#state.push(piece.bytes);
  }

  /**
   * Runs the machine to the moment at which the VM lives on, if that is still to come, and puts the VM into it.
   * @returns virtual nanoseconds at which it lives on
   * @throws Refusal: the machine is as it was then
   */
  settle(last: Switch): number {
    const machine = this.#machine.hypervisor;
    const before = machine.save();
    try {
      return this.#settle(machine, last);
    } catch (error) {
      machine.restore(before);
      throw new Refusal((error as Error).message);
    }
  }

  #settle(machine: Machine, { ram, state, arrivesAt }: Switch): number {
    const { vm: name, image } = this.#offer;
    const stateBytes = Buffer.concat(this.#state);
    if (sha256(stateBytes) !== state) throw new Refusal('its state is not what was sent');
    const luggage = unpacked(stateBytes) as Luggage | undefined;
    const traveller = luggage?.vm;
    if (luggage === undefined || traveller?.vm !== name || traveller.image !== image)
      throw new Refusal('it is another VM than was offered');
    if (!isMemorySize(traveller.ramSize, this.#ram.length))
      throw new Refusal('its RAM has a size that RAM cannot have');
    const bytes = this.#ram.slice(0, traveller.ramSize);
    if (sha256(bytes) !== ram) throw new Refusal('its RAM is not what was sent');
    for (const change of [{ ram: traveller.configuration.ram }, { budget: traveller.configuration.budget }])
      requireConfigurable(machine, name, change);
    if (!['running', 'suspended'].includes(traveller.life.is)) throw new Refusal('nobody lives in it');

    if (arrivesAt > machine.now) machine.run({ until: arrivesAt });
    requireFree(machine, name);
    const whole = { ...traveller, guest: { ...traveller.guest, ram: bytes } };
    const at = machine.clock.cyclesToNanoseconds(traveller.takenAt);
    const images = this.#machine.imagesOf(name);
    requireLikeness(machine, name, whole);
    requireSlots(machine, name, whole);
    const capture = captureOf(machine, name, { state: whole, at, vm: name }, images, 'migrate()');
    machine.restoreVm(capture, 'migration');
    keepSlots(machine, name, whole);
    load(machine.vm(name), luggage.cargo);
    return machine.now;
  }

  #takePages({ offsets, bytes }: Pages): void {
    if (bytes.length !== offsets.length * PAGE_SIZE) throw new Refusal('pages without their bytes');
    offsets.forEach((offset, index) => {
      if (offset % PAGE_SIZE !== 0 || offset >= this.#ram.length) throw new Refusal('a page outside of RAM');
      this.#ram.set(bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE), offset);
    });
  }
}

const isMemorySize = (size: unknown, largest: number): boolean =>
  Number.isInteger(size) &&
  (size as number) > 0 &&
  (size as number) <= largest &&
  (size as number) % PAGE_SIZE === 0;

function requireFree(machine: Machine, name: string): void {
  const { state } = machine.vm(name);
  if (!allows('start', state) && state.is !== 'destroyed')
    throw new Refusal(`its place here is taken: the VM is ${state.is}`);
}

function requireConfigurable(
  machine: Machine,
  name: string,
  change: { readonly ram: number } | { readonly budget: number | undefined },
): void {
  const { definition } = machine.vm(name);
  if ('budget' in change && change.budget === definition.budget) return;
  const problem = machine.configurationProblem(name, change as { readonly ram: number });
  if (problem !== undefined) throw new Refusal(`its settings are none that it can have here: ${problem.is}`);
}

/** @throws Refusal for image slots that are none of this VM */
function requireSlots(machine: Machine, name: string, { slots }: KeptVm): void {
  const size = machine.vm(name).definition.update?.slotSize;
  if (size !== undefined && machine.update(name).kept === null)
    throw new Refusal('an update of its place here is under way');
  const areBytes = (bytes: unknown, most: number): boolean =>
    Object.prototype.toString.call(bytes) === '[object Uint8Array]' && (bytes as Uint8Array).length <= most;
  const isSlot = (slot: unknown): boolean => slot === null || areBytes(slot, size ?? 0);
  const isRight =
    size === undefined
      ? slots === null
      : slots?.slots.length === SLOTS &&
        slots.copies.length === SLOTS &&
        slots.slots.every(isSlot) &&
        slots.copies.every((copy) => areBytes(copy, BOOT_RECORD_SIZE));
  if (!isRight) throw new Refusal('its image slots are none that it can have here');
}

/** @throws Refusal for a state that is not built as one of this VM is */
function requireLikeness(machine: Machine, name: string, theirs: PortableVm): void {
  const vm = machine.vm(name);
  const portable = toPortable(machine.system, vm, machine.capture(name), theirs.image);
  // As it would have arrived, typed arrays and all.
  const own = unpacked(packed(portable)) as PortableVm;
  const strange = unlikeness(own, theirs);
  if (strange !== undefined) throw new Refusal(`${strange} is nothing that a VM has`);
  const { checkpoint } = theirs.history;
  for (const { vcpus } of checkpoint === undefined ? [theirs.guest] : [theirs.guest, checkpoint])
    if (
      vcpus.length !== own.guest.vcpus.length ||
      vcpus.some(({ block }, index) => block.length !== own.guest.vcpus[index]!.block.length)
    )
      throw new Refusal('it has other harts');
  if (checkpoint !== undefined && checkpoint.ram.length !== theirs.ramSize)
    throw new Refusal('what it would restart from is of another size');
}
