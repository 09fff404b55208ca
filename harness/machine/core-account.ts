/** What became of a virtual core's time. */
import type { Machine } from '../../hypervisor';

/** All since the machine started; times in virtual nanoseconds. */
export interface CoreAccount {
  readonly core: number;
  /** Core time of each VM, by name: its instructions and hypercalls. */
  readonly cpuTime: Readonly<Record<string, number>>;
  /** What switching between VMs took; where the core is divided into windows, VMs pay for it themselves. */
  readonly switching: number;
  readonly idle: number;
  readonly contextSwitches: number;
  /** Harts that came here from another core. */
  readonly migrations: number;
}

export function coreAccountsOf(machine: Machine): readonly CoreAccount[] {
  const { used, switching, contextSwitches, migrations } = machine.coreAccounts.save();
  const { cyclesToNanoseconds } = machine.clock;
  return used.map((cycles, core) => {
    const busy = cycles.reduce((sum, some) => sum + some, switching[core]!);
    return {
      core,
      cpuTime: Object.fromEntries(
        machine.vms.map(({ name, number }) => [name, cyclesToNanoseconds(cycles[number]!)]),
      ),
      switching: cyclesToNanoseconds(switching[core]!),
      idle: cyclesToNanoseconds(machine.timeOfCore(core) - busy),
      contextSwitches: contextSwitches[core]!,
      migrations: migrations[core]!,
    };
  });
}
