import { Cause, DELEGABLE_EXCEPTIONS, SUPERVISOR_INTERRUPTS } from './causes';
import type { CsrFile } from './csr-file';
import { FloatControl, FloatState } from './float-control';
import { STCE } from './csr-timer';
import { Slot } from './csr-slots';
import { Pmp } from './pmp-csrs';

/** Counters that S-mode reads under the supervisor profile: all. */
const ALL_COUNTERS = 0xffffffff;
/** Counters that U-mode reads, as OpenSBI leaves it: cycle, time, instret. Programs of operating systems rely on time. */
const USER_COUNTERS = 0b111;

/** What firmware in M-mode does before it enters the supervisor; here the hypervisor is that firmware. */
export function handOverToSupervisor({ words, float, xlen }: CsrFile): void {
  // As OpenSBI leaves it: floating point is on.
  float[0] = FloatState.dirty << FloatControl.stateShift;
  words[2 * Slot.medeleg] = DELEGABLE_EXCEPTIONS & ~(1 << Cause.ecallFromSupervisor);
  words[2 * Slot.mideleg] = SUPERVISOR_INTERRUPTS;
  words[2 * Slot.mcounteren] = ALL_COUNTERS;
  words[2 * Slot.scounteren] = USER_COUNTERS;
  words[2 * Slot.menvcfg + 1] = STCE;
  words[2 * Slot.pmpcfg] = Pmp.power | Pmp.read | Pmp.write | Pmp.execute;
  words[2 * Slot.pmpaddr] = 0xffffffff;
  words[2 * Slot.pmpaddr + 1] = xlen === 64 ? 0x3fffff : 0;
}
