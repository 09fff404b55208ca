/** Clients of the service: they order all the time, and count what they get. */
import type { ms, TestMachine } from 'testvisor';
import type { updatable } from '../../fixtures/update/system';

export type Updatable = TestMachine<'service' | 'spare' | 'updater', (typeof updatable)['channels']>;
type Nanoseconds = ReturnType<typeof ms>;

/** Runs to a moment, and orders every so often before; the last order has time to be answered. @returns how many orders there have been in all */
export async function orderUntil(machine: Updatable, until: number, every: number): Promise<number> {
  let number = machine.channel('orders').messages.length;
  for (let at = machine.now + every; at <= until - every; at += every) {
    await machine.runTo(at as Nanoseconds);
    number++;
    expect(machine.channel('orders').send({ number })).toBe('sent');
  }
  await machine.runTo(until as Nanoseconds);
  return number;
}

export const answersOf = (machine: Updatable) =>
  machine.channel('answers').messages.map(({ value }) => value);

/** Every order was answered once and in order, and every total is one more than the one before. */
export function expectContinuity(machine: Updatable, orders: number): void {
  const numbers = Array.from({ length: orders }, (_, index) => index + 1);
  expect(answersOf(machine).map(({ number }) => number)).toEqual(numbers);
  expect(answersOf(machine).map(({ total }) => total)).toEqual(numbers);
}

/** The versions that have answered, each once as long as it did. */
export const versionsOf = (machine: Updatable): readonly number[] =>
  answersOf(machine)
    .map(({ version }) => version)
    .filter((version, index, all) => version !== all[index - 1]);

/** How long each order has waited for its answer, in virtual nanoseconds. */
export const waits = (machine: Updatable): readonly number[] =>
  machine
    .channel('answers')
    .messages.map(({ at, value }) => at - machine.channel('orders').messages[value.number - 1]!.at);

/** What became of the update, step by step. */
export const steps = (machine: Updatable): readonly string[] =>
  machine.trace
    .map(({ kind }) => kind)
    .filter(
      (kind) => kind.startsWith('update-') || kind === 'self-test-passed' || kind.startsWith('boot-record'),
    );
