/** A TCP proxy that breaks a connection at a byte. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** Bytes that the last connection has carried, there and back. */
  readonly carried: { there: number; back: number };
  /** Lets everybody through from now on. */
  mend(): void;
  close(): Promise<void>;
}

/**
 * @param cut in which direction, and after how many bytes, the first connection breaks; later ones are left alone, unless
 *   `forEver`: then nobody gets through any more
 */
export async function cuttingProxy(
  port: number,
  cut?: { readonly there?: number; readonly back?: number; readonly forEver?: boolean },
  change: (bytes: Buffer, from: number) => Buffer = (bytes) => bytes,
): Promise<CuttingProxy> {
  const carried = { there: 0, back: 0 };
  const sockets = new Set<Socket>();
  let connections = 0;
  let isMended = false;
  const server = createServer((near) => {
    const isFirst = connections++ === 0;
    if (!isFirst && cut?.forEver === true && !isMended) return void near.destroy();
    const far = connect({ host: '127.0.0.1', port });
    if (isFirst) Object.assign(carried, { there: 0, back: 0 });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    const carry = (from: Socket, to: Socket, way: 'there' | 'back'): void => {
      from.on('data', (bytes) => {
        const limit = (isFirst ? cut?.[way] : undefined) ?? Infinity;
        const start = carried[way];
        const rest = limit - start;
        const passed = bytes.subarray(0, Math.min(bytes.length, rest));
        if (isFirst) carried[way] += passed.length;
        const sent = isFirst && way === 'there' ? change(Buffer.from(passed), start) : passed;
        if (bytes.length <= rest) to.write(sent);
        // What came before the cut has arrived; then both ends see the connection end.
        else to.end(sent, () => from.destroy());
      });
      from.on('close', () => to.end());
    };
    carry(near, far, 'there');
    carry(far, near, 'back');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    carried,
    mend: () => {
      isMended = true;
    },
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}
