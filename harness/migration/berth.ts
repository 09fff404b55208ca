/** The destination's side of links: it runs as far as the source tells it, and answers what was asked before the same again. */
import type { Machine } from '../../hypervisor';
import { Refusal } from './arrival';
import { endsOf } from './crossing';
import { fromThere } from './crossing-frames';
import { type Crossed, Ferry } from './ferry';
import type { Advance, FromDestination, LinkRequest } from './protocol';

interface Session {
  readonly request: LinkRequest;
  readonly ferry: Ferry;
  /** The number of the last window, and what was answered. */
  number: number;
  answer: FromDestination;
  /** Where the machine is, if nobody else runs it. */
  now: number;
}

/** By how much a run may end later than it was told: at a meeting of its cores. */
export const quantumOf = ({ system }: Machine): number => (system.cores === 1 ? 0 : system.coreQuantum);

export class Berth {
  /** What passed, link by link. */
  readonly crossed: (readonly Crossed[])[] = [];
  readonly #machine: Machine;
  readonly #sessions = new Map<string, Session>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** @throws Refusal */
  link(request: LinkRequest): FromDestination {
    const before = this.#sessions.get(request.id);
    const machine = this.#machine;
    if (before !== undefined) return this.#linked(before.ferry);
    for (const [names, end] of [
      [request.out, 'sender'],
      [request.in, 'receivers'],
    ] as const)
      for (const name of names) this.#requireAbsent(name, end);
    for (const { here } of request.networks) for (const { vm } of here) this.#requireNobody(vm);
    const networks = request.networks.map(fromThere);
    const ferry = attempt(() => new Ferry(machine, { out: request.in, in: request.out, networks }));
    const answer = this.#linked(ferry);
    this.#sessions.set(request.id, { request, ferry, number: 0, answer, now: machine.now });
    this.crossed.push(ferry.crossed);
    ferry.join();
    return answer;
  }

  /** @throws Refusal */
  advance({ id, number, until, crossings, rooms }: Advance): FromDestination {
    const session = this.#sessionOf(id);
    // Its answer was lost.
    if (number === session.number) return session.answer;
    if (number !== session.number + 1)
      throw new Refusal(`window ${number} does not come after ${session.number}`);
    const machine = this.#machine;
    if (machine.now !== session.now)
      throw new Refusal(
        `the machine was run by somebody else, to ${machine.now} ns: the link ran it to ${session.now} ns`,
      );
    const { latency, ahead } = session.request;
    attempt(() => session.ferry.accept(crossings));
    attempt(() => session.ferry.runTo(until));
    session.answer = {
      is: 'advanced',
      number,
      crossings: session.ferry.take(rooms, (time) => time - ahead, latency),
      rooms: session.ferry.rooms,
    };
    session.number = number;
    session.now = machine.now;
    return session.answer;
  }

  /** @throws Refusal */
  unlink(id: string): FromDestination {
    this.#sessionOf(id).ferry.empty();
    return { is: 'unlinked' };
  }

  #linked(ferry: Ferry): FromDestination {
    const machine = this.#machine;
    return { is: 'linked', now: machine.now, quantum: quantumOf(machine), rooms: ferry.rooms };
  }

  #sessionOf(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Refusal('there is no such link');
    return session;
  }

  /** Its card is the source's. */
  #requireNobody(vm: string): void {
    const { isAlive } = attempt(() => this.#machine.vm(vm));
    if (isAlive) throw new Refusal(`“${vm}”, which has a card on a network, lives in both machines`);
  }

  /** The other end of a channel is the source's, so nobody may be in its place here. */
  #requireAbsent(name: string, end: 'sender' | 'receivers'): void {
    const machine = this.#machine;
    const channel = machine.channels.find((candidate) => candidate.name === name);
    if (channel === undefined) throw new Refusal(`there is no channel ${name} here`);
    const ends = endsOf(channel, machine.system);
    const names = end === 'sender' ? [ends.sender] : ends.receivers;
    const present = names.find((vm) => vm !== null && machine.vm(vm).isAlive);
    if (end === 'sender' && present !== undefined && present !== null)
      throw new Refusal(`“${present}”, which sends on ${name}, lives in both machines`);
    if (end === 'receivers' && channel.kind !== 'sampling' && present !== undefined && present !== null)
      throw new Refusal(`“${present}”, which receives on ${name}, lives in both machines`);
  }
}

function attempt<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if ((error as Error).name === 'RangeError') throw new Refusal((error as Error).message);
    throw error;
  }
}
