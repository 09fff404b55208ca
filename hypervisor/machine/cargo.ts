/** A VM leaves its machine, with what waits for it in channels. What it has sent to others stays with them. */
import type { Vm } from '../vm/vm';

/** Why a VM cannot leave its machine at this moment; a moment later it may. */
export function obstacleToLeaving(vm: Vm): string | undefined {
  if (vm.life.is === 'restarting') return 'it is restarting';
  for (const port of vm.ports) {
    if (port.kind !== 'rpc') continue;
    const { open, waiting, taken } = port.save();
    if (open.length + waiting.length + taken.length > 0) return `a call is open on ${port.name}`;
  }
  return undefined;
}

/** Takes it out, as the VM would have: it is not here any more. Values and regions stay for whoever else reads them. */
export function unload(vm: Vm): void {
  for (const port of vm.ports) {
    if (!port.receivers.includes(vm.number)) continue;
    if (port.kind === 'queue') while (port.tryReceive() !== undefined);
    if (port.kind === 'signal') while (port.tryTake());
  }
}
