/** A connection to where another machine's host listens. */
import { connect, type Socket } from 'node:net';
import { Connection } from './connection';

export interface Address {
  readonly to: { readonly host?: string; readonly port: number };
  readonly token: string;
  /** Milliseconds of the host's time after which a silent end counts as gone. Default 10 000. */
  readonly patience?: number;
}

/** @throws ConnectionBroken, or what the host throws where nobody listens */
export async function connectTo({ to, token, patience = 10_000 }: Address): Promise<Connection> {
  const socket = connect({ host: to.host ?? '127.0.0.1', port: to.port });
  await connected(socket, patience);
  return Connection.open(socket, 'source', token, patience);
}

const connected = (socket: Socket, patience: number): Promise<void> =>
  new Promise((done, failed) => {
    socket.setTimeout(patience, () => socket.destroy(new Error('nobody answers')));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      done();
    });
  });
