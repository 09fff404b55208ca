/** What goes which way between machines after VMs have moved. */
import type { Machine } from '../../hypervisor';
import { endsOf, isPassable } from './crossing';
import { type SplitNetwork, splitNetworks } from './crossing-frames';

/** Channels and networks by name; a channel of calls as the calls go. */
export interface Routes {
  readonly out: readonly string[];
  readonly in: readonly string[];
  /** Networks with cards on both sides, whose frames go both ways. */
  readonly networks: readonly string[];
  /** With ends on both sides, and of a kind that cannot be connected. */
  readonly unconnected: readonly string[];
}

/** The same, with whose cards are where. */
export interface SplitRoutes extends Omit<Routes, 'networks'> {
  readonly networks: readonly SplitNetwork[];
}

/** Of a machine from which VMs have moved. */
export function routesOf(machine: Machine, moved: ReadonlySet<string>): SplitRoutes {
  const routes = { out: [] as string[], in: [] as string[], unconnected: [] as string[] };
  for (const channel of machine.channels) {
    const { sender, receivers } = endsOf(channel, machine.system);
    if (sender === null) continue;
    const isFromThere = moved.has(sender);
    const crosses = receivers.some((name) => name !== null && moved.has(name) !== isFromThere);
    if (!crosses) continue;
    if (!isPassable(channel)) routes.unconnected.push(channel.name);
    else (isFromThere ? routes.in : routes.out).push(channel.name);
  }
  return { ...routes, networks: splitNetworks(machine, moved) };
}
