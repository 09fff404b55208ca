/**
 * What a dynamic firmware (OpenSBI's fw_dynamic) is told of the stage that it starts: `struct fw_dynamic_info`,
 * whose address it gets in a2 (OpenSBI, docs/firmware/fw_dynamic.md). Fields are as wide as registers.
 */
export interface FirmwareInfo {
  readonly xlen: 32 | 64;
  /** Guest address at which the next stage begins. */
  readonly nextStage: number;
  readonly bootHart: number;
}

/** "OSBI" */
const MAGIC = 0x4942_534f;
const VERSION = 2;
const SUPERVISOR_MODE = 1;
const NO_OPTIONS = 0;

/** The record's bytes. */
export function firmwareInfo({ xlen, nextStage, bootHart }: FirmwareInfo): Uint8Array {
  const fields = [MAGIC, VERSION, nextStage, SUPERVISOR_MODE, NO_OPTIONS, bootHart];
  const size = xlen / 8;
  const view = new DataView(new ArrayBuffer(fields.length * size));
  fields.forEach((field, index) => view.setUint32(index * size, field, true));
  return new Uint8Array(view.buffer);
}
