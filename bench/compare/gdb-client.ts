/**
 * The little of GDB's remote serial protocol that a lockstep and a campaign need (GDB manual, appendix E): registers,
 * memory, single steps, breakpoints. One request at a time.
 */
import { createConnection, type Socket } from 'node:net';

export class GdbClient {
  readonly #socket: Socket;
  #received = '';
  #waiting: ((packet: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('QEMU closed the connection of its gdb stub.')));
  }

  static async connect(path: string): Promise<GdbClient> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const connection = createConnection(path);
      connection.once('connect', () => resolve(connection));
      connection.once('error', reject);
    });
    const client = new GdbClient(socket);
    await client.#request('QStartNoAckMode');
    socket.write('+');
    // Without this the stub knows neither the target's registers beyond the general ones nor their widths.
    await client.#request('qSupported:xmlRegisters=riscv');
    // It gives single registers only to those who have asked for their description.
    await client.#request('qXfer:features:read:target.xml:0,400');
    return client;
  }

  /** x0 to x31 and the pc, little-endian, as one string of hexadecimal digits. */
  registers(): Promise<string> {
    return this.#request('g');
  }

  async writeRegisters(hexadecimal: string): Promise<void> {
    await this.#expectOk(`G${hexadecimal}`);
  }

  /** One register by its number, little-endian, in hexadecimal digits. */
  register(number: number): Promise<string> {
    return this.#request(`p${number.toString(16)}`);
  }

  async writeRegister(number: number, hexadecimal: string): Promise<void> {
    await this.#expectOk(`P${number.toString(16)}=${hexadecimal}`);
  }

  async readMemory(address: number, size: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (let done = 0; done < size; done += CHUNK) {
      const length = Math.min(CHUNK, size - done);
      chunks.push(
        Buffer.from(await this.#request(`m${(address + done).toString(16)},${length.toString(16)}`), 'hex'),
      );
    }
    return Buffer.concat(chunks);
  }

  async writeMemory(address: number, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; done += CHUNK) {
      const chunk = bytes.subarray(done, done + CHUNK);
      await this.#expectOk(
        `M${(address + done).toString(16)},${chunk.length.toString(16)}:${chunk.toString('hex')}`,
      );
    }
  }

  /** Runs one instruction. */
  async step(): Promise<void> {
    const stop = await this.#request('s');
    if (!stop.startsWith('T05')) throw new Error(`QEMU stopped with ${stop} after a single step.`);
  }

  async setBreakpoint(address: number): Promise<void> {
    await this.#expectOk(`Z1,${address.toString(16)},${BREAKPOINT_KIND}`);
  }

  async removeBreakpoint(address: number): Promise<void> {
    await this.#expectOk(`z1,${address.toString(16)},${BREAKPOINT_KIND}`);
  }

  /**
   * Goes on to the next breakpoint.
   * @param limit milliseconds, after which it is stopped wherever it is
   * @returns whether it came to a breakpoint
   */
  async continue(limit: number): Promise<boolean> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#socket.write(INTERRUPT);
    }, limit);
    try {
      const stop = await this.#request('c');
      if (!/^T0[25]/.test(stop)) throw new Error(`QEMU stopped with ${stop} after it went on.`);
      return !isLate;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  async #expectOk(request: string): Promise<void> {
    const answer = await this.#request(request);
    if (answer !== 'OK') throw new Error(`QEMU answered ${answer} to ${request.slice(0, 40)}.`);
  }

  #request(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = resolve;
      this.#failed = reject;
      let sum = 0;
      for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index);
      this.#socket.write(`$${text}#${(sum & 0xff).toString(16).padStart(2, '0')}`);
    });
  }

  #take(text: string): void {
    this.#received += text;
    const start = this.#received.indexOf('$');
    const end = this.#received.indexOf('#', start);
    if (start === -1 || end === -1 || this.#received.length < end + 3) return;
    const packet = this.#received.slice(start + 1, end);
    this.#received = this.#received.slice(end + 3);
    this.#waiting?.(expandRuns(packet));
  }
}

const CHUNK = 1024;
/** Of a breakpoint on RISC-V: bytes of the instruction. QEMU takes any. */
const BREAKPOINT_KIND = 4;
const INTERRUPT = '\x03';

/** `0* ` stands for 0 repeated: the character after the star, less 29, says how often more. */
const expandRuns = (packet: string): string =>
  packet.replace(/(.)\*(.)/gs, (_, repeated: string, count: string) =>
    repeated.repeat(count.charCodeAt(0) - 28),
  );
