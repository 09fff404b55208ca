/** What the ELF header says of the code (e_flags; RISC-V ELF psABI, "File Header"). */
export interface MachineFlags {
  /** Uses compressed instructions: they may lie at addresses that are not multiples of four. */
  readonly compressed: boolean;
  /** Registers that floating-point arguments are passed in. */
  readonly floatAbi: 'soft' | 'single' | 'double' | 'quad';
  /** Built for the base ISA with sixteen registers (RV32E, RV64E). */
  readonly embedded: boolean;
  /** Relies on total store ordering. */
  readonly totalStoreOrder: boolean;
}

const FLOAT_ABIS = ['soft', 'single', 'double', 'quad'] as const;

export const machineFlags = (flags: number): MachineFlags => ({
  compressed: (flags & 0x1) !== 0,
  floatAbi: FLOAT_ABIS[(flags >> 1) & 3]!,
  embedded: (flags & 0x8) !== 0,
  totalStoreOrder: (flags & 0x10) !== 0,
});
