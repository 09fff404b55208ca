/**
 * What waits for a VM in the channels of its machine and goes with it into another one, and what it left there for others
 * to see. What it has sent to others stays with them.
 */
import type { AnyChannel, Vm } from '../../hypervisor';
import type { PassingMessage } from './crossing';

/** What one channel holds for a VM. */
export interface Cargo {
  readonly channel: string;
  readonly kind: AnyChannel['kind'];
  /** Oldest first; of a signal, its posts; of a sampling port, its value; of a region, what was published last. */
  readonly messages: readonly PassingMessage[];
  /** What a region of which it is the writer holds now; `null` for any other. */
  readonly region: Uint8Array | null;
}

/** A copy of it; nothing is taken out. */
export const cargoOf = (vm: Vm): readonly Cargo[] =>
  vm.ports
    .map((port): Cargo => {
      const region = port.kind === 'shared' && port.sender === vm.number ? regionOf(vm, port.name) : null;
      const messages = held(vm, port).map(({ bytes, sentAt }) => ({ bytes, sentAt }));
      return { channel: port.name, kind: port.kind, messages, region };
    })
    .filter(({ messages, region }) => messages.length > 0 || region !== null);

function held(vm: Vm, port: AnyChannel): readonly PassingMessage[] {
  const isReceiver = port.receivers.includes(vm.number);
  switch (port.kind) {
    case 'queue':
      return isReceiver ? port.save().messages : [];
    case 'signal':
      return isReceiver ? port.save().posts : [];
    case 'sampling':
    case 'shared': {
      const { last } = port.save();
      const goes = port.kind === 'sampling' ? isReceiver : port.sender === vm.number;
      return goes && last !== null ? [last] : [];
    }
    case 'rpc':
      return [];
  }
}

/** Puts it into the channels of the same names. Throws a `RangeError` where it does not fit: then not all of it is there. */
export function load(vm: Vm, cargo: readonly Cargo[]): void {
  for (const { channel, kind, messages, region } of cargo) {
    const port = vm.ports.find(({ name }) => name === channel);
    if (port?.kind !== kind || port.kind === 'rpc')
      throw new RangeError(`there is no ${kind} channel ${channel}`);
    if (messages.length > roomOf(port))
      throw new RangeError(`${channel} has no room for ${messages.length} messages more`);
    if (region !== null) writeRegion(vm, channel, region);
    for (const { bytes, sentAt } of messages) {
      const size = port.kind === 'signal' ? 0 : port.messageSize;
      if (!ArrayBuffer.isView(bytes) || bytes.length > size || !(sentAt >= 0))
        throw new RangeError(`${channel} carries other messages`);
      port.carryIn(bytes, sentAt);
    }
  }
}

function roomOf(port: Exclude<AnyChannel, { readonly kind: 'rpc' }>): number {
  switch (port.kind) {
    case 'queue':
      return port.room;
    case 'signal':
      return port.room;
    case 'sampling':
    case 'shared':
      return 1;
  }
}

function regionOf(vm: Vm, channel: string): Uint8Array {
  const { address, size } = placeOf(vm, channel);
  return vm.memory.read(address, size);
}

function writeRegion(vm: Vm, channel: string, bytes: Uint8Array): void {
  const { address, size } = placeOf(vm, channel);
  if (!ArrayBuffer.isView(bytes) || bytes.length !== size)
    throw new RangeError(`${channel} is a region of ${size} bytes`);
  vm.memory.write(address, bytes);
}

function placeOf(vm: Vm, channel: string): { readonly address: number; readonly size: number } {
  const port = vm.ports.find(({ name }) => name === channel);
  if (port?.kind !== 'shared') throw new RangeError(`there is no region ${channel}`);
  return { address: port.address, size: port.size };
}
