/** What a VM boots: its image, placed in RAM of its present size with what tells the guest of its platform. */
import { bootRom, FIRMWARE_INFO_ADDRESS } from '../../platform/boot-rom';
import type { System, SystemVm } from '../../platform/system';
import type { SharedRegion } from '../devices/bus';
import type { VmMemory } from '../memory/vm-memory';
import { guestDevicetree, reseeded } from './guest-devicetree';
import type { GuestImage } from './guest-image';
import type { GuestMemory } from './guest-memory';
import { endOfLoaded, type Handover, loadGuest, placeHandover } from './load-guest';
import type { Vcpu } from './vcpu';

/** What the boot ROM leaves besides a0 and a1 (platform/boot-rom.ts): where it jumped, and what a firmware is told. */
const [T0, A2] = [5, 12];

export interface BootedVm {
  readonly number: number;
  readonly definition: SystemVm;
  readonly image: GuestImage;
  readonly shared: readonly (SharedRegion & { readonly channel: string })[];
}

export class BootLoader {
  readonly #system: Pick<System, 'frequency'>;
  readonly #seed: number;
  readonly #ram: VmMemory;
  #vm: BootedVm;
  #handover: Handover;
  /** The size of RAM that this is for. */
  #ramSize: number;
  #rom: Uint8Array;

  constructor(system: Pick<System, 'frequency'>, seed: number, ram: VmMemory, vm: BootedVm) {
    this.#system = system;
    this.#seed = seed;
    this.#ram = ram;
    this.#vm = vm;
    this.#ramSize = ram.ramSize;
    this.#handover = this.#place();
    this.#rom = this.#writeRom();
  }

  get image(): GuestImage {
    return this.#vm.image;
  }

  /** The lowest address of RAM's end that the devicetree and what goes with it take. */
  get handoverStart(): number {
    return this.#handover.start;
  }

  /** What the boot ROM holds. */
  get rom(): Uint8Array {
    return this.#rom;
  }

  /** From the next start on the VM boots this, with RAM as large as the definition says and the VM's memory is by now. */
  adopt(change: Partial<Pick<BootedVm, 'image' | 'definition'>>): void {
    const { image = this.#vm.image, definition = this.#vm.definition } = change;
    const { ramSize } = this.#ram;
    // Snapshots are restored again and again, mostly of what it is already.
    if (this.#vm.image === image && this.#vm.definition === definition && this.#ramSize === ramSize) return;
    this.#vm = { ...this.#vm, image, definition };
    this.#ramSize = ramSize;
    this.#handover = this.#place();
    this.#rom = this.#writeRom();
  }

  /** Whether an image, and what goes with it, has room in RAM of this size. */
  fits(image: GuestImage, ramSize: number): boolean {
    const { bytes } = this.#handover.devicetree;
    // The devicetree of another size of RAM is as long: sizes in it have a fixed width.
    return endOfLoaded(image) <= placeHandover({ ramBase: this.#ram.ramBase, ramSize }, bytes).start;
  }

  /** @param life the VM's generation: each finds other random numbers in its devicetree */
  load(memory: GuestMemory, { life, clear }: { readonly life: number; readonly clear: boolean }): void {
    const { address, bytes } = this.#handover.devicetree;
    loadGuest(memory, this.image, clear);
    memory.write(address, reseeded(bytes, this.#seed, this.#vm.number, life));
  }

  /** Under the machine profile all harts begin at the entry, as if they had run the boot ROM; under the other one hart 0 starts the others. */
  boot(vcpu: Vcpu): void {
    const { profile } = this.#vm.definition;
    vcpu.stop();
    if (vcpu.index > 0 && profile === 'supervisor') return;
    vcpu.boot(this.image.entry, this.#handover.devicetree.address);
    if (profile === 'supervisor') return;
    vcpu.hart.set(T0, this.image.entry, 0);
    vcpu.hart.set(A2, FIRMWARE_INFO_ADDRESS, 0);
  }

  #writeRom(): Uint8Array {
    const { xlen, entry, nextStage = 0 } = this.image;
    return bootRom({ xlen, entry, devicetree: this.#handover.devicetree.address, nextStage });
  }

  #place(): Handover {
    return placeHandover(this.#ram, guestDevicetree(this.#system, this.#seed, this.#vm));
  }
}
