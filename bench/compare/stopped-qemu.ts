/** A QEMU that is stopped before its first instruction, in the hands of its gdb stub. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GdbClient } from './gdb-client';

const PATIENCE = 10_000;
const PAUSE = 5;
const SILENT = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];

export class StoppedQemu {
  private constructor(
    readonly gdb: GdbClient,
    readonly process: ChildProcess,
    readonly directory: string,
  ) {}

  /**
   * @param program such as `qemu-system-riscv32`
   * @param options of it, given a directory that lasts as long as the process
   * @throws Error with its complaints when it does not start
   */
  static async start(
    program: string,
    options: (directory: string) => readonly string[],
  ): Promise<StoppedQemu> {
    const directory = mkdtempSync(join(tmpdir(), 'testvisor-qemu-'));
    const socket = join(directory, 'gdb');
    const stub = ['-S', '-gdb', `unix:${socket},server=on,wait=off`];
    const child = spawn(program, [...options(directory), ...SILENT, ...stub], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    child.on('error', ({ message }) => (complaint += message));
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const gdb = await GdbClient.connect(socket).catch(() => undefined);
      if (gdb !== undefined) return new StoppedQemu(gdb, child, directory);
      if (child.pid === undefined || child.exitCode !== null || Date.now() > deadline) {
        child.kill();
        rmSync(directory, { recursive: true, force: true });
        throw new Error(`${program} did not start: ${complaint}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  stop(): void {
    this.gdb.close();
    this.process.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}
