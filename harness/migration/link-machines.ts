/**
 * Machines between which VMs have moved go on together: what those that stayed and those that left send each other is
 * carried across, in windows of virtual time that are shorter than a message is on its way.
 */
import { randomBytes } from 'node:crypto';
import type { Machine } from '../../hypervisor';
import { ns, type Nanoseconds } from '../../platform/units';
import { AuthorError, type AuthorErrorCode } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import type { TestMachine } from '../machine/test-machine';
import { quantumOf } from './berth';
import { type Connection } from './connection';
import { connectTo } from './connect-to';
import type { SplitNetwork } from './crossing-frames';
import { type Crossed, Ferry } from './ferry';
import type { Migration, MigrateOptions } from './migrate';
import { type Advance, type FromDestination, fromDestination, type FromSource } from './protocol';
import { type Routes, routesOf, type SplitRoutes } from './routes';

export interface LinkOptions extends Pick<MigrateOptions, 'to' | 'token' | 'patience'> {
  /** Virtual time that a message is on its way between the machines. Default 100 µs. */
  readonly latency?: Nanoseconds;
}

/** Two machines that go on together. */
export interface MachineLink extends Routes {
  /** Nanoseconds from one meeting of the machines to the next. */
  readonly window: Nanoseconds;
  /** Nanoseconds by which the other machine's time is ahead of this one's. */
  readonly ahead: number;
  /** What passed, in order, at this machine's times: `replayCrossings` does it again without the other machine. */
  readonly crossed: readonly Crossed[];
  /**
   * Runs both machines for so long, to the next meeting after it.
   * @throws AuthorError: `link-broken`, and this machine stands at a meeting: to run on asks the other one again for what it has
   *   not answered; `link-refused`, and the link is over
   */
  runFor(duration: Nanoseconds): Promise<void>;
  /** Ends the link. What is on its way arrives at once. */
  close(): Promise<void>;
}

/** How often a machine that does not answer is tried again, and after how many milliseconds. */
const ATTEMPTS = 5;
const PAUSE = 100;
const DEFAULT_LATENCY = 100_000;

type Machinery = Pick<TestMachine, 'hypervisor'>;
type Answer<Is extends FromDestination['is']> = Extract<FromDestination, { readonly is: Is }>;

/**
 * Connects channels again between the VMs that stayed and those that have moved, as `migrated` says, to one other machine.
 * The machines' times are related as the migrations have left them; whichever is behind catches up first.
 * @throws AuthorError: `link-broken` where the other machine is not there, `link-refused` where it cannot be linked so
 */
export async function linkMachines(
  machine: Machinery,
  migrated: Migration | readonly Migration[],
  options: LinkOptions,
): Promise<MachineLink> {
  const moves = [migrated].flat() as readonly Migration[];
  const last = moves.at(-1);
  if (last === undefined) throw refused('no VM has moved', 'Give what migrate() returned.');
  const inner = machine.hypervisor;
  const here = moves.find(({ vm }) => inner.vm(vm).isAlive);
  if (here !== undefined) throw refused(`“${here.vm}” lives here`, 'Link machines after VMs have moved.');
  const routes = routesOf(inner, new Set(moves.map(({ vm }) => vm)));
  const link = new Link(inner, routes, last.arrivedAt - last.leftAt - last.last.duration, options);
  await link.open();
  return link;
}

class Link implements MachineLink {
  readonly out: readonly string[];
  readonly in: readonly string[];
  readonly networks: readonly string[];
  readonly unconnected: readonly string[];
  readonly ahead: number;
  readonly #machine: Machine;
  readonly #ferry: Ferry;
  readonly #networks: readonly SplitNetwork[];
  readonly #options: LinkOptions;
  readonly #latency: number;
  readonly #id = randomBytes(16).toString('hex');
  #connection: Connection | undefined;
  #window = 0;
  #number = 0;
  /** Virtual nanoseconds of the last meeting, and where this machine then was. */
  #meeting = 0;
  #now = 0;
  #rooms: Readonly<Record<string, number>> = {};
  /** What the other machine has not answered. */
  #asked: Advance | undefined;
  #isOver = false;

  constructor(machine: Machine, routes: SplitRoutes, ahead: number, options: LinkOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#latency = requireWholeNumber('linkMachines({ latency })', options.latency ?? DEFAULT_LATENCY, 1);
    this.out = routes.out;
    this.in = routes.in;
    this.#networks = routes.networks;
    this.networks = routes.networks.map(({ name }) => name);
    this.unconnected = routes.unconnected;
    this.ahead = ahead;
    this.#ferry = new Ferry(machine, routes);
  }

  get window(): Nanoseconds {
    return ns(this.#window);
  }

  get crossed(): readonly Crossed[] {
    return this.#ferry.crossed;
  }

  async open(): Promise<void> {
    const { now, quantum, rooms } = await this.#linked();
    // What a machine runs further than it was told must not be later than what arrives from the other one.
    this.#window = this.#latency - Math.max(quantum, quantumOf(this.#machine));
    if (this.#window < 1)
      throw refused(
        `a latency of ${this.#latency} ns is no longer than the machines’ coreQuantum`,
        'Give a longer one.',
      );
    this.#ferry.join();
    this.#rooms = rooms;
    this.#meeting = Math.max(this.#machine.now, now - this.ahead);
    await this.#meet();
  }

  async runFor(duration: Nanoseconds): Promise<void> {
    requireWholeNumber('link.runFor()', duration, 0);
    if (this.#isOver) throw refused('the link is over', 'Link the machines again.');
    if (this.#machine.now !== this.#now)
      throw refused(
        `this machine was run by itself, to ${this.#machine.now} ns: the link ran it to ${this.#now} ns`,
        'Run both by link.runFor(), or close the link first.',
      );
    const until = this.#meeting + duration;
    if (this.#asked !== undefined) await this.#answered();
    while (this.#meeting < until) {
      this.#meeting += this.#window;
      await this.#meet();
    }
  }

  async close(): Promise<void> {
    if (this.#isOver) return;
    if (this.#asked !== undefined) await this.#answered();
    await this.#ask({ is: 'unlink', id: this.#id }, 'unlinked');
    this.#ferry.empty();
    this.#isOver = true;
    this.#connection?.close();
  }

  /** Both run to the meeting, each with what the other had sent by the one before. */
  async #meet(): Promise<void> {
    const toTheirs = (time: number): number => time + this.ahead;
    this.#asked = {
      is: 'advance',
      id: this.#id,
      number: ++this.#number,
      until: toTheirs(this.#meeting),
      crossings: this.#ferry.take(this.#rooms, toTheirs, this.#latency),
      rooms: this.#ferry.rooms,
    };
    const answered = this.#answered();
    // Side by side with the other one: neither has anything to say to the other before the next meeting.
    answered.catch(() => undefined);
    this.#attempt(() => this.#ferry.runTo(this.#meeting));
    this.#now = this.#machine.now;
    await answered;
  }

  async #answered(): Promise<void> {
    const asked = this.#asked!;
    const answer = await this.#ask(asked, 'advanced');
    if (answer.number !== asked.number) throw this.#over('it answers something else');
    this.#asked = undefined;
    this.#rooms = answer.rooms;
    this.#attempt(() => this.#ferry.accept(answer.crossings));
  }

  #linked(): Promise<Answer<'linked'>> {
    const { out, in: into, ahead } = this;
    return this.#ask(
      {
        is: 'link',
        id: this.#id,
        ...{ out, in: into, networks: this.#networks },
        ...{ latency: this.#latency, ahead },
      },
      'linked',
    );
  }

  /** Asks, on another connection where one breaks: who has answered before answers the same again. */
  async #ask<Is extends FromDestination['is']>(question: FromSource, is: Is): Promise<Answer<Is>> {
    let why = '';
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        this.#connection ??= await connectTo(this.#options);
        await this.#connection.send(question);
        const answer = fromDestination(await this.#connection.receive());
        if (answer?.is === is) return answer as Answer<Is>;
        throw this.#over(answer?.is === 'refused' ? answer.what : 'it answers something else');
      } catch (error) {
        this.#connection?.close();
        this.#connection = undefined;
        if ((error as Error).name === 'AuthorError') throw error;
        why = (error as Error).message;
      }
      await new Promise((later) => setTimeout(later, PAUSE));
    }
    throw problem(
      'link-broken',
      `the other machine does not answer: ${why}. This one stands at ${this.#machine.now} ns; nothing is lost.`,
      'Is it there, and the token its own? link.runFor() asks it again.',
    );
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if ((error as Error).name !== 'RangeError') throw error;
      throw this.#over((error as Error).message);
    }
  }

  #over(why: string): AuthorError {
    this.#isOver = true;
    this.#ferry.part();
    return refused(why, 'The link is over; what was on its way is lost with it.');
  }
}

const problem = (code: AuthorErrorCode, what: string, mend: string): AuthorError =>
  new AuthorError({ code, where: 'linkMachines()', what, mend });

const refused = (why: string, mend: string): AuthorError =>
  problem('link-refused', `the machines cannot go on together: ${why}.`, mend);
