import { spawnSync } from 'node:child_process';
import { StoppedQemu } from '../../../bench/compare/stopped-qemu';

/** Everything that the tables do not have is off, so that what is illegal here is illegal there. */
const WITHOUT = ['h', 'zbc'].map((extension) => `${extension}=off`).join(',');

const program = (xlen: 32 | 64): string => `qemu-system-riscv${xlen}`;

export const isQemuInstalled = (xlen: 32 | 64): boolean =>
  spawnSync(program(xlen), ['--version']).status === 0;

/** A stopped QEMU `virt` board with no firmware. */
export const startQemu = (xlen: 32 | 64): Promise<StoppedQemu> =>
  StoppedQemu.start(program(xlen), () => [
    ...['-M', 'virt', '-cpu', `rv${xlen},${WITHOUT}`],
    ...['-m', '16', '-bios', 'none'],
  ]);
