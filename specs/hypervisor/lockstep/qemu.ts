import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GdbClient } from './gdb-client';

/** Everything that the tables do not have is off, so that what is illegal here is illegal there. */
const WITHOUT = ['h', 'zbc'].map((extension) => `${extension}=off`).join(',');
const PATIENCE = 10_000;

const program = (xlen: 32 | 64): string => `qemu-system-riscv${xlen}`;

export const isQemuInstalled = (xlen: 32 | 64): boolean =>
  spawnSync(program(xlen), ['--version']).status === 0;

/** A stopped QEMU `virt` board with no firmware, in the hands of its gdb stub. */
export class Qemu {
  private constructor(
    readonly gdb: GdbClient,
    readonly process: ChildProcess,
    readonly directory: string,
  ) {}

  static async start(xlen: 32 | 64): Promise<Qemu> {
    const directory = mkdtempSync(join(tmpdir(), 'testvisor-lockstep-'));
    const socket = join(directory, 'gdb');
    const options = ['-M', 'virt', '-cpu', `rv${xlen},${WITHOUT}`, '-m', '16', '-bios', 'none', '-S'];
    const silent = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];
    const stub = ['-gdb', `unix:${socket},server=on,wait=off`];
    const child = spawn(program(xlen), [...options, ...silent, ...stub], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => {
      complaint += text.toString();
    });
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const gdb = await GdbClient.connect(socket).catch(() => undefined);
      if (gdb !== undefined) return new Qemu(gdb, child, directory);
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill();
        rmSync(directory, { recursive: true, force: true });
        throw new Error(`${program(xlen)} did not start: ${complaint}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): void {
    this.gdb.close();
    this.process.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
