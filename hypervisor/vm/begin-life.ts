/** What a guest finds when it starts: its image, or what it was at a moment before, and what its VM declares to keep. */
import type { RestartKind } from '../../platform/health';
import type { Checkpoint } from './contract';
import type { Vm } from './vm';

/** @param checkpoint what a restart from the snapshot returns to, if there is one; else that is a cold one */
export function beginLife(vm: Vm, kind: RestartKind, checkpoint: Checkpoint | undefined): void {
  const putBack = kind === 'warm' || checkpoint !== undefined ? keepMemory(vm) : undefined;
  if (checkpoint === undefined) {
    vm.loader.load(vm.memory, { life: vm.generation, clear: kind !== 'warm' });
    for (const vcpu of vm.vcpus) vm.loader.boot(vcpu);
    vm.current = vm.vcpus[0]!;
  } else {
    // What it has drawn since, another life does not draw again.
    const random = vm.virtio.random.save();
    vm.returnTo(checkpoint);
    vm.virtio.random.restore(random);
  }
  putBack?.();
  vm.board.watchdog.start();
}

/** Copies the objects that the VM declares to keep. @returns what puts them back */
function keepMemory({ memory, image, definition }: Vm): () => void {
  const kept = definition.keeps.flatMap((name) => {
    const object = image.symbols?.find(name);
    // Another image may have been deployed since, which has no such object.
    if (object === undefined || !memory.isRam(object.address, object.size)) return [];
    return [{ address: object.address, bytes: memory.read(object.address, object.size) }];
  });
  return () => {
    for (const { address, bytes } of kept) memory.write(address, bytes);
  };
}
