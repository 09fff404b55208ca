/**
 * A connection between two machines' hosts over which only who knows the token is heard. Both ends greet with a nonce; every
 * frame after that carries a code (HMAC-SHA256, RFC 2104) over both nonces, its direction, its number and its contents. So
 * a byte that changed, a frame that is repeated, left out or from another connection, and whatever a stranger sends end
 * the connection before anything of it is looked at.
 *
 *     greeting: the protocol's name | nonce (16 bytes)
 *     frame:    length of the contents (4 bytes, big endian) | code (32 bytes) | contents (MessagePack)
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { packed, unpacked } from '../machine/packed';

export type Side = 'source' | 'destination';

const NAME = Buffer.from('testvisor migration 1\n');
const NONCE = 16;
const CODE = 32;
const LENGTH = 4;
/** Bytes of a frame's contents, at most. */
export const LARGEST_FRAME = 1024 * 1024;

/** The other end is gone, is silent, or is none. */
export class ConnectionBroken extends Error {
  override readonly name = 'ConnectionBroken';
}

export class Connection {
  readonly #socket: Socket;
  readonly #side: Side;
  readonly #token: string;
  readonly #bytes: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);
  #nonces: Buffer = Buffer.alloc(0);
  #sent = 0;
  #received = 0;

  private constructor(socket: Socket, side: Side, token: string) {
    this.#socket = socket;
    this.#side = side;
    this.#token = token;
    this.#bytes = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /**
   * Greets, and is greeted; the destination speaks second, so that a stranger hears nothing.
   * @param patience milliseconds of the host's time after which a silent end counts as gone
   * @throws ConnectionBroken, here as in all that follows
   */
  static async open(socket: Socket, side: Side, token: string, patience: number): Promise<Connection> {
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    socket.setTimeout(patience, () => socket.destroy());
    const connection = new Connection(socket, side, token);
    try {
      await connection.#greet();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }

  /** Sends one message and waits until the host has taken it. @returns bytes on the wire */
  async send(message: unknown): Promise<number> {
    const contents = packed(message);
    if (contents.length > LARGEST_FRAME) throw new RangeError(`a frame of ${contents.length} bytes`);
    const length = Buffer.alloc(LENGTH);
    length.writeUInt32BE(contents.length);
    const code = this.#code(this.#side, this.#sent++, contents);
    await this.#write(Buffer.concat([length, code, contents]));
    return LENGTH + CODE + contents.length;
  }

  async receive(): Promise<unknown> {
    const length = (await this.#read(LENGTH)).readUInt32BE();
    if (length > LARGEST_FRAME) throw this.#break('a frame that is too large');
    const code = await this.#read(CODE);
    const contents = await this.#read(length);
    const other = this.#side === 'source' ? 'destination' : 'source';
    if (!timingSafeEqual(code, this.#code(other, this.#received++, contents)))
      throw this.#break('a frame that nobody with the token has sent');
    return unpacked(contents);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #greet(): Promise<void> {
    const mine = randomBytes(NONCE);
    const greet = (): Promise<void> => this.#write(Buffer.concat([NAME, mine]));
    if (this.#side === 'source') await greet();
    const name = await this.#read(NAME.length);
    if (!name.equals(NAME)) throw this.#break('a greeting of something else');
    const theirs = await this.#read(NONCE);
    if (this.#side === 'destination') await greet();
    this.#nonces = Buffer.concat(this.#side === 'source' ? [mine, theirs] : [theirs, mine]);
  }

  #code(sender: Side, number: number, contents: Uint8Array): Buffer {
    const place = Buffer.from(`${sender} ${number} `);
    return createHmac('sha256', this.#token).update(this.#nonces).update(place).update(contents).digest();
  }

  async #read(size: number): Promise<Buffer> {
    const parts = [this.#pending];
    let length = this.#pending.length;
    while (length < size) {
      const next = await this.#bytes.next().catch(() => undefined);
      if (next === undefined || next.done === true) throw this.#break('the connection ended');
      parts.push(next.value);
      length += next.value.length;
    }
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    this.#pending = all.subarray(size);
    return all.subarray(0, size);
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((done, failed) => {
      this.#socket.write(bytes, (error) => {
        if (error === undefined || error === null) done();
        else failed(this.#break('the connection ended'));
      });
    });
  }

  #break(why: string): ConnectionBroken {
    this.#socket.destroy();
    return new ConnectionBroken(why);
  }
}
