/** What a process costs: wall-clock time, and the time that processors spent on it and its threads. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Cost {
  /** Milliseconds of wall-clock time. */
  readonly wall: number;
  /** Milliseconds of user and system time of all threads; undefined where the host does not tell. */
  readonly cpu: number | undefined;
}

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

/** The last characters that a program wrote, which say why it failed. */
const KEPT_OUTPUT = 500;
/** Linux counts in clock ticks; a hundred a second on every architecture that Node runs on. */
const TICK = 10;
/** Fields 16 and 17 of /proc/self/stat, proc(5), counted from after the name, which may hold spaces. */
const WAITED_FOR_USER = 13;

/**
 * What a machine's certificates cost Node at each start, some 50 ms, is nothing that a guest or its peers have to do with.
 * As it is when a command starts: whether anything is kept is decided after this file is loaded.
 */
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...others } = process.env;
  return others;
}

/** Processor time of all processes that this one started and that have ended. */
function childrenCpu(): number | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[WAITED_FOR_USER]) + Number(fields[WAITED_FOR_USER + 1])) * TICK;
  } catch {
    return undefined;
  }
}

/**
 * Runs a command to its end, with nothing to read. No other child may end meanwhile.
 * @param limit milliseconds after which it is ended
 * @throws Error when it fails or is not done by then: the time of a failure is no figure
 */
export async function timedRun({ file, args }: CommandLine, limit: number): Promise<Cost> {
  const before = childrenCpu();
  const start = performance.now();
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output = (output + text.toString('latin1')).slice(-KEPT_OUTPUT)));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const wall = performance.now() - start;
  const after = childrenCpu();
  const command = `${file} ${args.join(' ')}`;
  if (signal !== null) throw new Error(`${command}: not done after ${limit / 1000} s, or ended by ${signal}`);
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${output}`);
  return { wall, cpu: before === undefined || after === undefined ? undefined : after - before };
}
