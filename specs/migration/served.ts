/** `testvisor serve --receive` in a process of its own. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', '..');

export interface Served {
  /** Where VMs may move in. */
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** @param file a module of this folder that exports a system */
export async function served(file: string, token: string): Promise<Served> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'harness/cli/main.ts', 'serve', join(__dirname, file), '--receive', '0'],
    { cwd: ROOT, env: { ...process.env, TESTVISOR_TOKEN: token } },
  );
  const said = await new Promise<string>((found, failed) => {
    let text = '';
    const hear = (bytes: Buffer): void => {
      text += bytes.toString();
      if (/serving .* at http:\S+/.test(text)) found(text);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => failed(new Error(text)));
  });
  return {
    port: Number(/receiving VMs at 127\.0\.0\.1:(\d+)/.exec(said)![1]),
    url: /at (http:\S+)/.exec(said)![1]!,
    close: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
