/** Encodings that specs of the hart need, apart from the instruction tables that they are to check. */
const iType = (opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number =>
  ((immediate << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;

export const addi = (rd: number, rs1: number, immediate: number): number =>
  iType(0x13, 0, rd, rs1, immediate);
export const add = (rd: number, rs1: number, rs2: number): number =>
  ((rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33) >>> 0;
export const sub = (rd: number, rs1: number, rs2: number): number =>
  ((0x20 << 25) | (rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33) >>> 0;
export const lw = (rd: number, offset: number, rs1: number): number => iType(0x03, 2, rd, rs1, offset);
export const ld = (rd: number, offset: number, rs1: number): number => iType(0x03, 3, rd, rs1, offset);
export const sw = (rs2: number, offset: number, rs1: number): number =>
  ((((offset >> 5) & 0x7f) << 25) | (rs2 << 20) | (rs1 << 15) | (2 << 12) | ((offset & 31) << 7) | 0x23) >>>
  0;
export const csrrw = (rd: number, csr: number, rs1: number): number => iType(0x73, 1, rd, rs1, csr);
export const csrrs = (rd: number, csr: number, rs1: number): number => iType(0x73, 2, rd, rs1, csr);
export const csrrc = (rd: number, csr: number, rs1: number): number => iType(0x73, 3, rd, rs1, csr);
export const csrrwi = (rd: number, csr: number, value: number): number => iType(0x73, 5, rd, value, csr);
export const csrrsi = (rd: number, csr: number, value: number): number => iType(0x73, 6, rd, value, csr);
export const lrW = (rd: number, rs1: number): number =>
  ((0b00010 << 27) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f) >>> 0;
export const scW = (rd: number, rs2: number, rs1: number): number =>
  ((0b00011 << 27) | (rs2 << 20) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f) >>> 0;
export const amoaddW = (rd: number, rs2: number, rs1: number): number =>
  ((rs2 << 20) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f) >>> 0;

export const NOP = 0x0000_0013;
/** `jal x0, 0`: for ever. */
export const LOOP = 0x0000_006f;
export const ECALL = 0x0000_0073;
export const EBREAK = 0x0010_0073;
export const MRET = 0x3020_0073;
export const SRET = 0x1020_0073;
export const WFI = 0x1050_0073;
export const SFENCE_VMA = 0x1200_0073;
export const ILLEGAL = 0xffff_ffff;
