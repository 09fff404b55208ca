/** Two VMs exchange their guests: as a hypervisor does that maps the memory of each where that of the other was. */
import type { Checkpoint } from '../vm/contract';
import type { GuestImage } from '../vm/guest-image';
import { flashSegments } from '../vm/load-guest';
import type { Vm } from '../vm/vm';

/** What a guest takes along. Flash, virtio devices, declared periods, budgets, ports and records are the VM's, and stay. */
interface Guest {
  readonly content: Checkpoint;
  readonly image: GuestImage;
  readonly ramSize: number;
  readonly current: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** Afterwards each is a new generation, and lives if the other did. The harts of both are as many, and of the same width. */
export function exchangeGuests(one: Vm, other: Vm): void {
  const [first, second] = [guestOf(one), guestOf(other)];
  moveIn(one, second);
  moveIn(other, first);
}

const guestOf = (vm: Vm): Guest => ({
  content: vm.capture(),
  image: vm.image,
  ramSize: vm.ram.ramSize,
  current: vm.current.index,
  checkpoint: vm.checkpoint,
});

function moveIn(vm: Vm, { content, image, ramSize, current, checkpoint }: Guest): void {
  const flash = vm.board.flash.contents.save();
  const periodic = vm.periodic.save();
  vm.stop({ is: 'created' });
  vm.become({ image, definition: vm.definition, ramSize });
  vm.returnTo(content);
  vm.board.flash.contents.restore(flash);
  // All but where the image itself lies.
  flashSegments(image, vm.board.flash.contents);
  if (vm.periodic.isDeclared) vm.periodic.restore(periodic);
  vm.checkpoint = checkpoint;
  vm.current = vm.vcpus[current]!;
  vm.generation++;
  vm.life = { is: 'running' };
  // Whether what it waits for has come true, it looks itself.
  for (const vcpu of vm.vcpus) vcpu.isWoken = vcpu.state.is === 'waiting';
}

/** Objects by name, as one guest has them. */
export function readObjects(vm: Vm, names: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const objects = new Map<string, Uint8Array>();
  for (const name of names) {
    const object = vm.image.symbols?.find(name);
    if (object !== undefined && vm.memory.isRam(object.address, object.size))
      objects.set(name, vm.memory.read(object.address, object.size));
  }
  return objects;
}

/** Puts them where the guest has objects of these names and sizes. */
export function writeObjects(vm: Vm, objects: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of objects) {
    const object = vm.image.symbols?.find(name);
    if (object?.size === bytes.length && vm.memory.isRam(object.address, bytes.length))
      vm.memory.write(object.address, bytes);
  }
}
