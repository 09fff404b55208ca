/**
 * Takes traps: enters the guest's handler, or finds that there is none that could run. Hot: guests take thousands of
 * traps a second; nothing here allocates while they have a handler.
 */
import { INTERRUPT } from './causes';
import { type LastTrap, NO_TRAP, type UnhandledTrap } from './last-trap';
import type { Registers } from './registers';
import type { Spending } from './spending';
import type { Traps } from './traps';
import { wide } from './wide';

export class TrapEntry {
  /** What the last trap was that no handler could run for. */
  unhandled = NO_TRAP;
  readonly #registers: Registers;
  readonly #spending: Spending;
  readonly #traps: Traps;
  readonly #last: LastTrap;
  readonly #cost: number;

  constructor(registers: Registers, spending: Spending, traps: Traps, last: LastTrap, cost: number) {
    this.#registers = registers;
    this.#spending = spending;
    this.#traps = traps;
    this.#last = last;
    this.#cost = cost;
  }

  /** Takes a trap whose instruction is at the pc; false when the guest has no handler that could run. */
  take(cause: number, valueLow: number, valueHigh: number): boolean {
    const registers = this.#registers;
    const traps = this.#traps;
    const { retired } = this.#spending;
    const mode = traps.modeFor(cause);
    if (!traps.hasHandler(mode)) {
      this.unhandled = {
        loop: false,
        cause,
        pc: wide(registers.pcLow, registers.pcHigh),
        value: wide(valueLow, valueHigh),
      };
      return false;
    }
    if (cause < INTERRUPT && mode === registers.mode && this.#last.isAtFreshHandler(retired)) {
      this.unhandled = this.#last.asLoop();
      return false;
    }
    this.#last.remember(cause, valueLow, valueHigh, retired);
    traps.enter(mode, cause, valueLow, valueHigh);
    this.#spending.charge(this.#cost);
    return true;
  }

  save(): { readonly lastTrap: readonly number[]; readonly unhandledTrap: UnhandledTrap } {
    return { lastTrap: this.#last.save(), unhandledTrap: this.unhandled };
  }

  restore({ lastTrap, unhandledTrap }: ReturnType<TrapEntry['save']>): void {
    this.#last.restore(lastTrap);
    this.unhandled = unhandledTrap;
  }

  forget(): void {
    this.#last.forget();
  }
}
