import type { WatchdogState } from '../devices/watchdog/watchdog';
import type { PeriodicState } from '../vm/periodic-job';
import type { Vm } from '../vm/vm';

/** What would run on while a guest stands still: its watchdog, and a period that it has set itself. */
export interface PausedClocks {
  readonly watchdog: WatchdogState;
  readonly periodic: PeriodicState;
}

/** The guest stands still from now on: it does not have to feed its watchdog, and misses nothing. */
export function pauseClocks({ board, periodic }: Vm): PausedClocks {
  const paused = { watchdog: board.watchdog.save(), periodic: periodic.save() };
  board.watchdog.reset();
  if (!periodic.isDeclared) periodic.stop();
  return paused;
}

/** It goes on in this VM. A period that it has set itself begins anew; a declared one is the VM's, and has gone on. */
export function resumeClocks({ board, periodic }: Vm, paused: PausedClocks): void {
  board.watchdog.restore(paused.watchdog);
  if (!periodic.isDeclared) periodic.startLike(paused.periodic);
}
