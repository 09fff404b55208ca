/** The floating-point state of our hart and of QEMU's, side by side. */
import type { Hart } from '../../../hypervisor/hart/hart';
import type { GdbClient } from '../../../bench/compare/gdb-client';

/** Registers by QEMU's numbers: f registers after the pc, CSRs after one more. */
const F0 = 33;
const QEMU_FCSR = 66 + 3;
const FCSR = 0x003;

export class FloatState {
  readonly #hart: Hart;
  readonly #gdb: GdbClient;

  constructor(hart: Hart, gdb: GdbClient) {
    this.#hart = hart;
    this.#gdb = gdb;
  }

  /** Sets all f registers and fcsr in both. */
  async set(registers: readonly bigint[], fcsr: bigint): Promise<void> {
    for (const [number, value] of registers.entries()) {
      this.#hart.writeRegister(F0 + number, value);
      await this.#gdb.writeRegister(F0 + number, hexadecimal(value));
    }
    this.#hart.writeCsr(FCSR, fcsr);
    await this.#gdb.writeRegister(QEMU_FCSR, hexadecimal(fcsr));
  }

  /** What differs in these f registers and fcsr; undefined if nothing does. */
  async difference(registers: readonly number[]): Promise<string | undefined> {
    const ours = hexadecimal(this.#hart.readCsr(FCSR)).slice(0, 8);
    const theirs = (await this.#gdb.register(QEMU_FCSR)).slice(0, 8);
    if (ours !== theirs) return `fcsr: ours ${ours}, QEMU’s ${theirs} (little-endian)`;
    for (const register of registers) {
      const own = hexadecimal(this.#hart.readRegister(F0 + register));
      const other = await this.#gdb.register(F0 + register);
      if (own !== other) return `f${register}: ours ${own}, QEMU’s ${other} (little-endian)`;
    }
    return undefined;
  }
}

const hexadecimal = (value: bigint): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString('hex');
};
