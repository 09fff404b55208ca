import type { FaultInfo } from '../../platform/fault-info';
import type { Run } from '../machine/run';
import { rejectionText } from './rejection-text';
import { valueText } from './value-text';

/** Exception codes (privileged architecture, table of mcause) as people call them. */
const CAUSES: Readonly<Record<number, string>> = {
  0: 'misaligned instruction address',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'misaligned load',
  5: 'load access fault',
  6: 'misaligned store',
  7: 'store access fault',
  8: 'environment call from U-mode',
  9: 'environment call from S-mode',
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};

/** Why a VM crashed, with the guest's source line where an address is involved. */
export function faultText(run: Run, vm: string, fault: FaultInfo): string {
  switch (fault.kind) {
    case 'trap':
    case 'trap-loop': {
      const cause = CAUSES[fault.cause] ?? `exception ${fault.cause}`;
      const value = fault.value === 0n ? '' : `, value 0x${fault.value.toString(16)}`;
      const loop = fault.kind === 'trap-loop' ? ', again and again in its trap handler' : '';
      const hart = fault.hart === undefined ? '' : ` on hart ${fault.hart}`;
      return `${cause}${hart} at ${placeText(run, vm, fault.pc)}${value}${loop}`;
    }
    case 'watchdog':
      return 'its watchdog was not fed in time';
    case 'application':
      return `application error ${fault.code}${fault.payload.length === 0 ? '' : ` (${payloadText(fault.payload)})`}`;
    case 'failure-exit':
      return `reported failure, code ${fault.code}`;
    case 'image-rejected':
      return `secure boot does not start its image: ${rejectionText(fault.why)}`;
    case 'power-fail':
      return 'its power failed';
    case 'injected':
      return `injected ${fault.how}`;
  }
}

/** `train.c:42 in decide()`, or as near to it as the image's symbols allow. */
export function placeText(run: Run, vm: string, address: number | bigint): string {
  const hex = `0x${address.toString(16)}`;
  const image = run.imageOf(vm);
  const line = image?.sourceLine(address);
  if (line !== undefined) {
    const where = `${line.file}:${line.line}`;
    return line.function === undefined ? `${where} (${hex})` : `${where} in ${line.function}() (${hex})`;
  }
  const symbol = image?.symbols.describe(address);
  return symbol === undefined || symbol === hex ? hex : `${symbol} (${hex})`;
}

const payloadText = (payload: Uint8Array): string => {
  const end = payload.indexOf(0);
  const text = new TextDecoder().decode(end === -1 ? payload : payload.subarray(0, end));
  return /^[\x20-\x7e]+$/.test(text) ? JSON.stringify(text) : valueText(payload);
};
