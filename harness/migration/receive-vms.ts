/** The destination's side: lets VMs of other machines in, from whoever knows the token. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestMachine } from '../machine/test-machine';
import { requireToken } from '../remote/require-token';
import { Arrival, Refusal } from './arrival';
import { Connection } from './connection';
import { Berth } from './berth';
import type { Crossed } from './ferry';
import { type FromSource, fromSource, type FromDestination, type Offer } from './protocol';

export interface ReceiveOptions {
  /** Whoever sends a VM must know it: at least 16 characters. */
  readonly token: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Default `127.0.0.1`: this host alone. */
  readonly host?: string;
  /** Milliseconds of the host's time after which a silent sender counts as gone. Default 10 000. */
  readonly patience?: number;
}

/** A machine into which VMs may move. */
export interface VmReceiver {
  readonly host: string;
  readonly port: number;
  /** VMs that have moved in, in order. */
  readonly arrivals: readonly { readonly vm: string; readonly at: number }[];
  /** What passed between this machine and those that are linked with it, link by link, at this machine's times. */
  readonly crossed: readonly (readonly Crossed[])[];
  /** Lets nobody in any more; what is on its way stays where it came from. */
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 8;
const PATIENCE = 10_000;

/** What became of an attempt. */
type Fate = Extract<FromDestination, { readonly is: 'moved' | 'nothing' }>;

/**
 * Lets VMs of other machines move into this one, into places of the same name and shape that are free, until it is closed.
 * The machine changes at the moment at which a VM has arrived as a whole, and not before.
 * @throws AuthorError for a token that is too short; what the host throws when it cannot listen
 */
export async function receiveVms(
  machine: Pick<TestMachine, 'hypervisor' | 'imagesOf'>,
  { token, port = 0, host = '127.0.0.1', patience = PATIENCE }: ReceiveOptions,
): Promise<VmReceiver> {
  requireToken('receiveVms({ token })', token);
  const gate = new Gate(machine);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void gate.attend(socket, token, patience);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, port, host);
  return {
    host,
    port: (server.address() as AddressInfo).port,
    arrivals: gate.arrivals,
    crossed: gate.berth.crossed,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}

const listening = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => done());
  });

class Gate {
  readonly arrivals: { readonly vm: string; readonly at: number }[] = [];
  readonly berth: Berth;
  readonly #machine: Pick<TestMachine, 'hypervisor' | 'imagesOf'>;
  /** By attempt. One that was asked about in vain never comes in later. */
  readonly #fates = new Map<string, Fate>();

  constructor(machine: Pick<TestMachine, 'hypervisor' | 'imagesOf'>) {
    this.#machine = machine;
    this.berth = new Berth(machine.hypervisor);
  }

  async attend(socket: Socket, token: string, patience: number): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(socket, 'destination', token, patience);
      await this.#serve(connection);
    } catch (error) {
      if ((error as Error).name === 'Refusal')
        await connection?.send({ is: 'refused', what: (error as Error).message }).catch(() => undefined);
      // Anything else is a connection that broke: there is nobody to be told.
    } finally {
      socket.end();
    }
  }

  async #serve(connection: Connection): Promise<void> {
    const first = fromSource(await connection.receive());
    if (first?.is === 'ask') await connection.send(this.#fateOf(first.id));
    else if (first?.is === 'offer') await this.#takeIn(connection, first);
    else await this.#serveLink(connection, first);
  }

  /** Question by question, until the other end has gone: it may come back on another connection. */
  async #serveLink(connection: Connection, first: FromSource | undefined): Promise<void> {
    for (let message = first; ; message = fromSource(await connection.receive())) {
      if (message?.is === 'link') await connection.send(this.berth.link(message));
      else if (message?.is === 'advance') await connection.send(this.berth.advance(message));
      else if (message?.is === 'unlink') await connection.send(this.berth.unlink(message.id));
      else throw new Refusal('that is no beginning, and does not come next');
    }
  }

  #fateOf(id: string): Fate {
    const fate = this.#fates.get(id) ?? { is: 'nothing' };
    this.#fates.set(id, fate);
    return fate;
  }

  async #takeIn(connection: Connection, offer: Offer): Promise<void> {
    if (this.#fates.has(offer.id)) throw new Refusal('that attempt is over');
    const arrival = new Arrival(this.#machine, offer);
    await connection.send({ is: 'accepted' });
    for (;;) {
      const message = fromSource(await connection.receive());
      if (message?.is === 'pages' || message?.is === 'state') arrival.take(message);
      else if (message?.is === 'round') await connection.send({ is: 'taken' });
      else if (message?.is === 'switch') {
        if (this.#fates.has(offer.id)) throw new Refusal('that attempt is over');
        const at = arrival.settle(message);
        const moved = { is: 'moved', at } as const;
        this.#fates.set(offer.id, moved);
        this.arrivals.push({ vm: offer.vm, at });
        await connection.send(moved);
        return;
      } else throw new Refusal('that is not what comes next');
    }
  }
}
