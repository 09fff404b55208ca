/** A guest that reads and writes wherever it is told to, and says what came of it. */
import { boot, defineSystem, kib, ms } from 'testvisor';
import { Answer, Order, ORDERS } from '../../../fixtures/misbehave/messages';

/** What a load gives that came through. */
export interface Outcome {
  readonly trapped: boolean;
  readonly cause: number;
  readonly value: number;
}

export const probeOn = (image: string, profile: 'supervisor' | 'machine' = 'machine') =>
  defineSystem({
    vms: {
      probe: { image: `../../../fixtures/misbehave/${image}`, profile, ram: kib(64) },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'probe', capacity: 4 },
      answers: { kind: 'queue', message: Answer, from: 'probe', to: 'test', capacity: 64 },
    },
  });

export const probe = probeOn('misbehave.machine.elf');

export const bootProbe = (system: ReturnType<typeof probeOn> = probe) => boot(system);
export type Probe = Awaited<ReturnType<typeof bootProbe>>;

/** Has the guest do something, and waits for its answer. */
export async function order(machine: Probe, what: keyof typeof ORDERS, argument = 0): Promise<Outcome> {
  machine.channel('orders').send({ code: ORDERS[what], argument: BigInt(argument) });
  await machine.runUntil(machine.channel('answers').sent({ code: ORDERS[what] }), { atMost: ms(100) });
  const { trapped, cause, value } = machine.channel('answers').messages.at(-1)!.value;
  while (machine.channel('answers').receive() !== undefined);
  return { trapped: trapped !== 0, cause: Number(cause), value: Number(BigInt.asUintN(32, value)) };
}

export const CAUSE = { loadFault: 5, storeFault: 7, illegal: 2, fetchFault: 1 } as const;
