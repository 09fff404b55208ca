/** What the boot ROM holds: a few instructions, and what they hand to the firmware. */
import { BOOT_ROM } from './devices/boot-rom';
import { firmwareInfo } from './firmware-info';
import { MEMORY_MAP } from './memory-map';

const { entry: ENTRY, devicetree: DEVICETREE, firmwareInfo: INFO } = BOOT_ROM.registers;

/** Where a firmware finds what it is told: the value of a2. */
export const FIRMWARE_INFO_ADDRESS = MEMORY_MAP.bootRom.base + INFO.offset;

export interface BootRomContents {
  readonly xlen: 32 | 64;
  /** Guest address at which the firmware, or what runs in its place, begins. */
  readonly entry: number;
  readonly devicetree: number;
  /** Where the stage begins that a firmware starts; 0 when there is none. */
  readonly nextStage: number;
}

/** Instructions with an immediate of 12 bits, or none (unprivileged architecture 2.2, 2.4 and 2.6; Zicsr). */
const AUIPC_T0 = 0x0000_0297;
const ADDI_A2_T0 = 0x0002_8613;
const CSRR_A0_MHARTID = 0xf140_2573;
const LOAD_A1_T0 = { 32: 0x0002_a583, 64: 0x0002_b583 };
const LOAD_T0_T0 = { 32: 0x0002_a283, 64: 0x0002_b283 };
const JR_T0 = 0x0002_8067;
const immediate = (instruction: number, value: number): number => (instruction | (value << 20)) >>> 0;

/** The ROM's bytes; it reads as zero after them. */
export function bootRom({ xlen, entry, devicetree, nextStage }: BootRomContents): Uint8Array {
  const info = firmwareInfo({ xlen, nextStage, bootHart: 0 });
  const bytes = new Uint8Array(INFO.offset + info.length);
  const view = new DataView(bytes.buffer);
  const code = [
    AUIPC_T0,
    immediate(ADDI_A2_T0, INFO.offset),
    CSRR_A0_MHARTID,
    immediate(LOAD_A1_T0[xlen], DEVICETREE.offset),
    immediate(LOAD_T0_T0[xlen], ENTRY.offset),
    JR_T0,
  ];
  code.forEach((instruction, index) => view.setUint32(4 * index, instruction, true));
  view.setUint32(ENTRY.offset, entry, true);
  view.setUint32(DEVICETREE.offset, devicetree, true);
  bytes.set(info, INFO.offset);
  return bytes;
}
