/**
 * Registers that grow: of a hart that counts as it goes round. What nothing reads but the additions that make it grow has
 * no part in where the hart goes nor in what else it does. This looks at each instruction of a round, to know that.
 */
import { Decoded, decoderOf } from '../isa/decode';
import { Uses, usesOf } from '../isa/uses';
import type { HartObserver } from './contract';

const decoded = new Decoded();

export class Growth implements HartObserver {
  readonly #xlen: 32 | 64;
  readonly #uses = new Uses();
  readonly #refuted: () => void;

  /**
   * @param registers x registers, a bit each
   * @param refuted called at an instruction that may do something else with them; it has yet to run
   */
  constructor(
    xlen: 32 | 64,
    readonly registers: number,
    refuted: () => void,
  ) {
    this.#xlen = xlen;
    this.#refuted = refuted;
  }

  executes(bits: number): void {
    const uses = this.#uses;
    // What cannot be fetched, and what is no instruction, reads nothing and traps.
    if (bits < 0 || !usesOf(this.#xlen, bits, uses)) return;
    if (((uses.reads | uses.writes) & this.registers) === 0) return;
    if (!this.#grows(decoderOf(this.#xlen).decode(bits, decoded))) this.#refuted();
  }

  /** Whether it adds to a register of these what is the same in each round: a constant, or another register. */
  #grows({ instruction, rd, rs1, rs2 }: Decoded): boolean {
    switch (instruction?.name) {
      case 'addi':
        return rd === rs1;
      case 'add':
        return (rd === rs1 && !this.#isOneOf(rs2)) || (rd === rs2 && !this.#isOneOf(rs1));
      case 'sub':
        return rd === rs1 && !this.#isOneOf(rs2);
      default:
        return false;
    }
  }

  #isOneOf(register: number): boolean {
    return (this.registers & (1 << register)) !== 0;
  }
}
