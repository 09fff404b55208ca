/** The same guest under QEMU: its counter is read through QEMU's monitor, twice, some seconds apart. */
import { setTimeout as wait } from 'node:timers/promises';

const SETTLE = 1000;
const WINDOW = 2000;

const PEERS = [
  { name: 'QEMU TCG', options: [] },
  { name: 'QEMU -icount shift=0,sleep=off', options: ['-icount', 'shift=0,sleep=off'] },
] as const;

/** Rounds a second of wall-clock time for each mode of QEMU; none where it is not installed. */
export async function qemuRoundsPerSecond(
  xlen: 32 | 64,
  image: string,
  counter: number,
): Promise<readonly { readonly name: string; readonly value: number }[]> {
  const results: { name: string; value: number }[] = [];
  for (const { name, options } of PEERS) {
    const value = await rounds(xlen, image, counter, options);
    if (value !== undefined) results.push({ name, value });
  }
  return results;
}

async function rounds(
  xlen: 32 | 64,
  image: string,
  counter: number,
  options: readonly string[],
): Promise<number | undefined> {
  const { execa } = await import('execa');
  const program = `qemu-system-riscv${xlen}`;
  if ((await execa(program, ['--version'], { reject: false })).failed) return undefined;
  const machine = ['-M', 'virt', '-bios', 'none', '-display', 'none', '-serial', 'none', '-monitor', 'stdio'];
  const qemu = execa(program, [...machine, ...options, '-kernel', image], {
    reject: false,
  });
  const ask = `xp /1wx 0x${counter.toString(16)}\n`;
  await wait(SETTLE);
  const start = performance.now();
  qemu.stdin.write(ask);
  await wait(WINDOW);
  const elapsed = performance.now() - start;
  qemu.stdin.write(`${ask}quit\n`);
  const { stdout } = await qemu;
  const [before, after] = [...stdout.matchAll(/: 0x([0-9a-f]{8})/g)].map((match) => parseInt(match[1]!, 16));
  return before === undefined || after === undefined ? undefined : ((after - before) * 1000) / elapsed;
}
