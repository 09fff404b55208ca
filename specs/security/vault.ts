/** The vault's machine, orders to its clients, and what Node's cryptography says of it. */
import { createHash, createPublicKey } from 'node:crypto';
import { boot, kib, type MachineStorage, seconds } from 'testvisor';
import { CLIENT_ORDERS, VAULT_LIMITS, VAULT_OPERATIONS } from '../../fixtures/secure-world/messages';
import { secureWorld } from '../../fixtures/secure-world/system';

export type Client = 'first' | 'second' | 'hostile';
const CLIENTS = ['first', 'second', 'hostile'] as const;
export type Machine = Awaited<ReturnType<typeof bootVault>>;

interface VaultOptions {
  readonly seed?: number;
  readonly storage?: MachineStorage;
  readonly images?: { readonly vault: string };
}

export const bootVault = (options: VaultOptions = {}) => boot(secureWorld, { seed: 5, ...options });

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const padded = (bytes: Uint8Array): number[] => [
  ...bytes,
  ...new Array<number>(VAULT_LIMITS.bytes - bytes.length).fill(0),
];

export interface Order {
  readonly order?: keyof typeof CLIENT_ORDERS;
  readonly port?: number;
  readonly address?: bigint;
  readonly length?: bigint;
  readonly capacity?: bigint;
  readonly operation?: number;
  readonly size?: number;
  readonly bytes?: Uint8Array;
}

export function order(machine: Machine, client: Client, what: Order): void {
  const { bytes = new Uint8Array(0), size = bytes.length } = what;
  machine.channel(`orders-${client}`).send({
    order: CLIENT_ORDERS[what.order ?? 'call'],
    port: what.port ?? 0,
    address: what.address ?? 0n,
    length: what.length ?? 168n,
    capacity: what.capacity ?? 168n,
    call: { operation: what.operation ?? 0, size, bytes: padded(bytes) },
  });
}

async function answer(machine: Machine, client: Client) {
  const name = `answers-${client}` as const;
  const limit = seconds(2);
  let got = machine.channel(name).receive();
  if (got === undefined) {
    await machine.runUntil(machine.channel(name).received(), { atMost: limit });
    got = machine.channel(name).receive();
  }
  const { error, answered, reply } = got!;
  return { error, answered, status: reply.status, bytes: Uint8Array.from(reply.bytes.slice(0, reply.size)) };
}

export const ordered = (machine: Machine, client: Client, what: Order) => {
  order(machine, client, what);
  return answer(machine, client);
};

export const call = (
  machine: Machine,
  client: Client,
  operation: keyof typeof VAULT_OPERATIONS,
  bytes: Uint8Array = new Uint8Array(0),
) => ordered(machine, client, { operation: VAULT_OPERATIONS[operation], bytes });

/** What the vault keeps on its disk. */
export function secretsIn(storage: MachineStorage) {
  const records = [0, 1].map((slot) =>
    Buffer.from(storage.vms['vault']!.disks[0]!.contents[0]!.slice(slot * 512, slot * 512 + 120)),
  );
  const newest = records.reduce((a, b) => (b.readUInt32LE(4) > a.readUInt32LE(4) ? b : a));
  const [sealing, signing, random] = [8, 40, 72].map((at) => newest.subarray(at, at + 32));
  return { sealing: sealing!, signing: signing!, random: random!, sequence: newest.readUInt32LE(4) };
}

export const sealingKeyOf = (sealing: Uint8Array, client: Client): Buffer =>
  createHash('sha512').update('seal\0').update(sealing).update(`keys-${client}`).digest().subarray(0, 32);

export const publicKey = (bytes: Uint8Array) =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes]),
    format: 'der',
    type: 'spki',
  });

export const signedAs = (client: Client, message: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`keys-${client}\0`), message]);

/** Everything that anybody but the vault has: RAM of the others, and whatever the trace holds. */
function everythingElse(machine: Machine): readonly Buffer[] {
  const found: Buffer[] = CLIENTS.map((name) => Buffer.from(machine.vm(name).read(0x8000_0000, kib(64))));
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) found.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    else if (typeof value === 'string') found.push(Buffer.from(value));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  machine.trace.forEach(visit);
  for (const { name } of secureWorld.resolved.vms)
    found.push(Buffer.from(machine.vm(name as Client).console.text));
  return found;
}

/** Whether 8 bytes in a row of any secret are anywhere else. */
export function expectKeysUnread(machine: Machine): void {
  const places = everythingElse(machine);
  const { sealing, signing, random } = secretsIn(machine.powerOff());
  const secrets = [sealing, signing, random, ...CLIENTS.map((client) => sealingKeyOf(sealing, client))];
  const parts = secrets.flatMap((secret) => [0, 8, 16, 24].map((at) => secret.subarray(at, at + 8)));
  // With a byte between them that no secret runs across.
  const all = Buffer.concat(places.flatMap((place) => [place, Buffer.of(0)]));
  expect(parts.filter((part) => all.includes(part))).toEqual([]);
  // They are somewhere, and this would find them.
  expect(Buffer.concat([all, sealing]).includes(parts[0]!)).toBe(true);
}
