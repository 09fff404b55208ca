/** QEMU's monitor in the little of QMP that snapshots need (QEMU Machine Protocol Specification). */
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly error?: string;
}

const PAUSE = 5;

export class Monitor {
  readonly #socket: Socket;
  #answered: ((answer: Answer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      // The rest is the greeting and events.
      if ('return' in answer || 'error' in answer) this.#answered?.(answer);
    });
  }

  /** @param path of the Unix socket that the process listens on already */
  static async connect(path: string): Promise<Monitor> {
    const socket = createConnection(path);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const monitor = new Monitor(socket);
    await monitor.execute('qmp_capabilities');
    return monitor;
  }

  /** @throws Error with what QEMU has against it */
  async execute(command: string, given: object = {}): Promise<unknown> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#answered = resolve;
      this.#socket.write(JSON.stringify({ execute: command, arguments: given }));
    });
    if (answer.error !== undefined) throw new Error(`QEMU, asked to ${command}: ${answer.error.desc}`);
    return answer.return;
  }

  /** A command of the monitor for people, which says nothing when all is well. */
  async command(line: string): Promise<void> {
    const complaint = await this.execute('human-monitor-command', { 'command-line': line });
    if (complaint !== '') throw new Error(`QEMU, asked to ${line}: ${String(complaint)}`);
  }

  /** Gives the machine a disk that nobody uses but snapshots. @param file where it is; there is none yet */
  async addSnapshotDisk(file: string): Promise<void> {
    await this.#create({ driver: 'file', filename: file, size: 0 });
    await this.execute('blockdev-add', { driver: 'file', filename: file, 'node-name': 'file' });
    await this.#create({ driver: 'qcow2', file: 'file', size: 2 ** 20 });
    await this.execute('blockdev-add', { driver: 'qcow2', file: 'file', 'node-name': 'snapshots' });
  }

  close(): void {
    this.#socket.destroy();
  }

  async #create(options: object): Promise<void> {
    await this.execute('blockdev-create', { 'job-id': 'create', options });
    for (;;) {
      const job = ((await this.execute('query-jobs')) as readonly Job[]).find(({ id }) => id === 'create');
      if (job?.error !== undefined) throw new Error(`QEMU could not create a disk: ${job.error}`);
      if (job?.status === 'concluded') break;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    await this.execute('job-dismiss', { id: 'create' });
  }
}
