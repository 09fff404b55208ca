/** The source's side: a VM moves while it runs, and is gone from here only when it is known to live on elsewhere. */
import { randomBytes } from 'node:crypto';
import type { Machine } from '../../hypervisor';
import { type Nanoseconds, ns } from '../../platform/units';
import { AuthorError } from '../author-error';
import { packed } from '../machine/packed';
import { shapeOf } from '../machine/portable-vm';
import { requireWholeNumber } from '../machine/require-amount';
import type { TestMachine } from '../machine/test-machine';
import { type HashedImage, takeVmSnapshot } from '../machine/vm-snapshot';
import { requireVisible } from '../machine/require-visible';
import { requireVm } from '../faults/require-names';
import { type Luggage, sha256 } from './arrival';
import { cargoOf } from './cargo';
import type { Connection } from './connection';
import { connectTo } from './connect-to';
import { DirtyPages, type Page } from './dirty-pages';
import { type FromDestination, fromDestination, type Switch } from './protocol';

export interface MigrateOptions {
  /** Where `receiveVms` or `testvisor serve --receive` listens. */
  readonly to: { readonly host?: string; readonly port: number };
  /** That of the destination. */
  readonly token: string;
  /** The wire as virtual time knows it: bytes in a second (default 125 000 000, Gigabit Ethernet), and latency (default 100 µs). */
  readonly bandwidth?: number;
  readonly latency?: Nanoseconds;
  /** The VM is stopped when what is left would take no longer than this. Default 1 ms. */
  readonly downTime?: Nanoseconds;
  /** It is stopped after so many rounds in any case. Default 8. */
  readonly rounds?: number;
  /** Milliseconds of the host's time after which a silent destination counts as gone. Default 10 000. */
  readonly patience?: number;
}

/** One round of pre-copy. Durations are virtual nanoseconds. */
export interface MigrationRound {
  readonly pages: number;
  readonly bytes: number;
  readonly duration: number;
}

/** How a VM moved. */
export interface Migration {
  readonly vm: string;
  /** Rounds while it ran; what was sent while it stood still is `last`. */
  readonly rounds: readonly MigrationRound[];
  readonly last: MigrationRound;
  /** Virtual nanoseconds at which it left here and lived on there, and what lies between. */
  readonly leftAt: number;
  readonly arrivedAt: number;
  readonly downTime: number;
  /** The same as the host felt it, in milliseconds of its time: no run depends on it. */
  readonly hostDownTime: number;
}

const PAGES_IN_A_FRAME = 128;
const PIECE = 512 * 1024;
/** A VM that cannot leave at this moment runs on for a step, at most so often. */
const STEP = 10_000;
const MOST_STEPS = 1000;
/** How often a destination that has gone silent is asked what became of the VM, and after how many milliseconds again. */
const QUESTIONS = 5;
const PAUSE = 200;

/** What was sent while the VM stood still, and the last word on it. */
interface Rest {
  readonly leftAt: number;
  readonly round: MigrationRound;
  readonly message: Switch;
}

type Machinery = Pick<TestMachine, 'hypervisor' | 'runFor' | 'system'>;

/**
 * Moves a VM into another machine: its RAM in rounds while it runs, then the rest while it stands still. What waits for it in
 * channels goes with it. Virtual time passes here as the wire needs it.
 * @throws AuthorError: `migration-broken` and `migration-refused`, and it runs on here; `migration-in-doubt`, where the
 *   destination fell silent at the very end and cannot be asked: the VM is suspended here. `resume` it only when it is known not
 *   to live there.
 */
export async function migrate(machine: Machinery, vm: string, options: MigrateOptions): Promise<Migration> {
  requireVm('migrate()', machine, vm);
  const inner = machine.hypervisor;
  requireVisible('migrate()', inner.vm(vm));
  requireAlive(inner, vm);
  return new Departure(machine, vm, options).carryOut();
}

class Departure {
  readonly #machine: Machinery;
  readonly #inner: Machine;
  readonly #vm: string;
  readonly #options: MigrateOptions;
  readonly #id = randomBytes(16).toString('hex');
  readonly #rounds: MigrationRound[] = [];
  readonly #bandwidth: number;
  readonly #latency: number;
  readonly #downTime: number;
  readonly #mostRounds: number;

  constructor(machine: Machinery, vm: string, options: MigrateOptions) {
    this.#machine = machine;
    this.#inner = machine.hypervisor;
    this.#vm = vm;
    this.#options = options;
    const { bandwidth = 125_000_000, latency = 100_000, downTime = 1_000_000, rounds = 8 } = options;
    this.#bandwidth = requireWholeNumber('migrate({ bandwidth })', bandwidth, 1);
    this.#latency = requireWholeNumber('migrate({ latency })', latency, 0);
    this.#downTime = requireWholeNumber('migrate({ downTime })', downTime, 0);
    this.#mostRounds = requireWholeNumber('migrate({ rounds })', rounds, 0);
  }

  async carryOut(): Promise<Migration> {
    const connection = await this.#connect().catch((error: Error) => {
      throw this.#broken(error.message);
    });
    let last: Rest | undefined;
    let began = 0;
    try {
      await this.#offer(connection);
      const dirty = new DirtyPages(this.#inner.vm(this.#vm));
      await this.#copyWhileItRuns(connection, dirty);
      await this.#waitUntilItCanLeave();
      began = performance.now();
      const rest = await this.#sendTheRest(connection, dirty);
      last = rest;
      await connection.send(rest.message);
      const { at } = await this.#expect(connection, 'moved');
      return this.#gone(rest, at, performance.now() - began);
    } catch (error) {
      connection.close();
      const { name, message } = error as Error;
      if (name !== 'ConnectionBroken') throw error;
      // Without the last word nobody can have let it in; with it, the destination knows.
      const fate = last === undefined ? undefined : await this.#ask();
      if (last === undefined || fate?.is !== 'moved') throw this.#broken(message);
      return this.#gone(last, fate.at, performance.now() - began);
    } finally {
      connection.close();
    }
  }

  async #offer(connection: Connection): Promise<void> {
    const vm = this.#inner.vm(this.#vm);
    const shape = shapeOf(this.#inner.system, vm);
    const image = (vm.image as HashedImage).hash;
    await connection.send({ is: 'offer', id: this.#id, vm: this.#vm, shape, image });
    await this.#expect(connection, 'accepted');
  }

  /** Rounds of pre-copy, until so little is left that the VM may stand still for it. */
  async #copyWhileItRuns(connection: Connection, dirty: DirtyPages): Promise<void> {
    while (this.#rounds.length < this.#mostRounds) {
      const pages = dirty.take();
      const bytes = (await this.#sendPages(connection, pages)) + (await connection.send({ is: 'round' }));
      await this.#expect(connection, 'taken');
      const duration = this.#durationOf(bytes);
      this.#rounds.push({ pages: pages.length, bytes, duration });
      // The wire is busy for so long, and the VM runs.
      await this.#machine.runFor(ns(duration));
      requireAlive(this.#inner, this.#vm);
      if (duration <= this.#downTime) return;
    }
  }

  async #waitUntilItCanLeave(): Promise<void> {
    let obstacle = this.#inner.obstacleToLeaving(this.#vm);
    for (let step = 0; obstacle !== undefined && step < MOST_STEPS; step++) {
      await this.#machine.runFor(ns(STEP));
      requireAlive(this.#inner, this.#vm);
      obstacle = this.#inner.obstacleToLeaving(this.#vm);
    }
    if (obstacle !== undefined)
      throw new AuthorError({
        code: 'migration-refused',
        where: 'migrate()',
        what: `“${this.#vm}” cannot leave: ${obstacle}, and that did not end in ${(MOST_STEPS * STEP) / 1e6} ms.`,
        mend: 'Let it come to its end first; a call may be given a timeout.',
      });
  }

  /** Sends what the destination lacks; the VM stands still, since no time passes here. @returns all but the last word */
  async #sendTheRest(connection: Connection, dirty: DirtyPages): Promise<Rest> {
    const vm = this.#inner.vm(this.#vm);
    const leftAt = this.#inner.now;
    const pages = dirty.take();
    const { state } = takeVmSnapshot(this.#inner, this.#vm);
    const luggage: Luggage = {
      vm: { ...state, guest: { ...state.guest, ram: new Uint8Array(0) } },
      cargo: cargoOf(vm),
    };
    const packedState = packed(luggage);
    let bytes = await this.#sendPages(connection, pages);
    for (let at = 0; at < packedState.length; at += PIECE)
      bytes += await connection.send({ is: 'state', bytes: packedState.slice(at, at + PIECE) });
    const duration = this.#durationOf(bytes);
    const round: MigrationRound = { pages: pages.length, bytes, duration };
    const message: Switch = {
      is: 'switch',
      ram: sha256(vm.memory.viewRam()),
      state: sha256(packedState),
      arrivesAt: leftAt + duration,
    };
    return { leftAt, round, message };
  }

  async #sendPages(connection: Connection, pages: readonly Page[]): Promise<number> {
    let sent = 0;
    for (let first = 0; first < pages.length; first += PAGES_IN_A_FRAME) {
      const some = pages.slice(first, first + PAGES_IN_A_FRAME);
      const bytes = Uint8Array.from(Buffer.concat(some.map((page) => page.bytes)));
      sent += await connection.send({ is: 'pages', offsets: some.map(({ offset }) => offset), bytes });
    }
    return sent;
  }

  #gone({ leftAt, round }: Rest, arrivedAt: number, hostDownTime: number): Migration {
    this.#inner.handOver(this.#vm);
    const downTime = arrivedAt - leftAt;
    return { vm: this.#vm, rounds: this.#rounds, last: round, leftAt, arrivedAt, downTime, hostDownTime };
  }

  /** The connection broke when the destination may have had the last word, or not: it knows. */
  async #ask(): Promise<Extract<FromDestination, { readonly is: 'moved' | 'nothing' }>> {
    for (let question = 1; question <= QUESTIONS; question++) {
      try {
        const connection = await this.#connect();
        try {
          await connection.send({ is: 'ask', id: this.#id });
          const answer = fromDestination(await connection.receive());
          if (answer?.is === 'moved' || answer?.is === 'nothing') return answer;
        } finally {
          connection.close();
        }
      } catch {
        // It cannot be reached now.
      }
      await new Promise((later) => setTimeout(later, PAUSE));
    }
    if (this.#inner.vm(this.#vm).life.is === 'running') this.#inner.control(this.#vm, { do: 'suspend' });
    throw new AuthorError({
      code: 'migration-in-doubt',
      where: 'migrate()',
      what: `the connection broke when “${this.#vm}” was about to live on at the destination, which does not say whether it does. It is suspended here.`,
      mend: 'Look at the destination: resume() it here if it is not there, destroy() it here if it is.',
    });
  }

  #connect(): Promise<Connection> {
    return connectTo(this.#options);
  }

  async #expect<Is extends FromDestination['is']>(
    connection: Connection,
    is: Is,
  ): Promise<Extract<FromDestination, { readonly is: Is }>> {
    const answer = fromDestination(await connection.receive());
    if (answer?.is === is) return answer as Extract<FromDestination, { readonly is: Is }>;
    throw new AuthorError({
      code: 'migration-refused',
      where: 'migrate()',
      what: `the destination does not let “${this.#vm}” in: ${answer?.is === 'refused' ? answer.what : 'it answers something else'}.`,
      mend: 'It runs on here. The destination needs a free place of the same name and shape, with the same image.',
    });
  }

  #durationOf(bytes: number): number {
    return this.#latency + Math.ceil((bytes * 1e9) / this.#bandwidth);
  }

  #broken(why: string): AuthorError {
    return new AuthorError({
      code: 'migration-broken',
      where: 'migrate()',
      what: `“${this.#vm}” has not moved: ${why}.`,
      mend: 'It runs on here. Is the destination there, and the token its own? Then try again.',
    });
  }
}

function requireAlive(machine: Machine, name: string): void {
  const vm = machine.vm(name);
  if (vm.isAlive || vm.life.is === 'restarting') return;
  throw new AuthorError({
    code: 'wrong-state',
    where: 'migrate()',
    what: `“${name}” is ${vm.life.is}: there is no guest in it that could move.`,
    mend: 'Start it first, or deploy its image at the destination.',
  });
}
