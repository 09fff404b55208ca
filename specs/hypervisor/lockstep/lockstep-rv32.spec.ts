import { lockstep } from './lockstep';
import { isQemuInstalled } from './qemu';

const STEPS = 100_000;
const SEED = 1;

const withQemu = isQemuInstalled(32) ? it : it.skip;

describe('RV32 in lockstep with QEMU (skipped where qemu-system-riscv32 is not installed)', () => {
  withQemu(
    `agrees on every register after each of ${STEPS} random instructions, and on memory`,
    async () => {
      const { steps, traps } = await lockstep(32, SEED, STEPS);
      expect(steps).toBeGreaterThanOrEqual(STEPS);
      expect(traps).toBeGreaterThan(STEPS / 100);
    },
    180_000,
  );
});
