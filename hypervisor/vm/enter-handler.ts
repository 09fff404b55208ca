/** Where a guest goes on after an application error or an unhandled trap: at the error handler that it registered. */
import { FAULT_CODES, type FaultInfo } from '../../platform/fault-info';
import type { Hart } from '../hart/hart';
import type { ErrorHandler } from '../hypercalls';

const [SP, A0, A1, A2] = [2, 10, 11, 12];

/** The handler finds the kind of fault in a0, its code in a1, and in a2 where the hart was. */
export function enterHandler(hart: Hart, handler: ErrorHandler, fault: FaultInfo): void {
  const code = fault.kind === 'trap' ? fault.cause : fault.kind === 'application' ? fault.code : 0;
  const pc = hart.pc;
  hart.pc = BigInt(handler.entry);
  hart.writeRegister(SP, BigInt(handler.stack));
  hart.set(A0, FAULT_CODES[fault.kind], 0);
  hart.set(A1, code, 0);
  hart.writeRegister(A2, pc);
}
