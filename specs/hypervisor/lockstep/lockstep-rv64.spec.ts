import { lockstep } from './lockstep';
import { isQemuInstalled } from './qemu';

const STEPS = 100_000;
const SEED = 1;

const withQemu = isQemuInstalled(64) ? it : it.skip;

describe('RV64 in lockstep with QEMU (skipped where qemu-system-riscv64 is not installed)', () => {
  withQemu(
    `agrees on every register after each of ${STEPS} random instructions, and on memory`,
    async () => {
      const { steps, traps } = await lockstep(64, SEED, STEPS);
      expect(steps).toBeGreaterThanOrEqual(STEPS);
      expect(traps).toBeGreaterThan(STEPS / 100);
    },
    180_000,
  );
});
