/** SBI Base extension (SBI 2.0, chapter 4). */
import { EXTENSIONS } from '../../platform/hypercalls';
import type { Call } from './call';
import { done } from './decision';
import type { Handler, HandlerGroup } from './handler';

/** Major version in bits 30-24, minor below: 2.0. */
const SPEC_VERSION = 2 << 24;
/** "TV"; the specification's list of implementations does not have this one. */
const IMPLEMENTATION_ID = 0x5456;
const IMPLEMENTATION_VERSION = 1;

/** Machine information CSRs (privileged architecture, 3.1.2 to 3.1.4). */
const MVENDORID = 0xf11;
const MARCHID = 0xf12;
const MIMPID = 0xf13;

const AVAILABLE: ReadonlySet<number> = new Set(Object.values(EXTENSIONS));

const csr =
  (number: number): Handler =>
  ({ context }) =>
    done(Number(context.hart.readCsr(number)));

export const base: HandlerGroup = {
  getSpecVersion: () => done(SPEC_VERSION),
  getImplementationId: () => done(IMPLEMENTATION_ID),
  getImplementationVersion: () => done(IMPLEMENTATION_VERSION),
  probeExtension: (call: Call) => done(AVAILABLE.has(call.value('extensionId')) ? 1 : 0),
  getMachineVendorId: csr(MVENDORID),
  getMachineArchitectureId: csr(MARCHID),
  getMachineImplementationId: csr(MIMPID),
};
