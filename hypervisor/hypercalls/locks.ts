/** The locks of shared channels belong to VMs, while harts wait for them. */
import type { SharedChannel } from '../channels';
import type { HypercallContext } from './context';

/** The calling hart does not wait for the lock any longer, so its VM does not either unless another hart does. */
export function stopWaitingForLock(
  { caller, harts, hartNumber }: HypercallContext,
  shared: SharedChannel,
): void {
  const isAwaited = harts.some(
    ({ state }, hart) =>
      hart !== hartNumber &&
      state.is === 'waiting' &&
      state.wait.for === 'lock' &&
      state.wait.channel === shared.number,
  );
  if (!isAwaited) shared.stopWaiting(caller.number);
}
