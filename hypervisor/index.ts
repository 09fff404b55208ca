/** The only door to the hypervisor. */
export { Machine } from './machine/machine';
export type { MachineOptions, MachineSnapshot, MachineState, RunEnd } from './machine/machine';
export { hasSameRegisters } from './machine/same-state';
export { type AnyChannel, type CallOutcome, type TakenCall, TEST_PARTY } from './channels';
export type { ScheduleStatus } from './scheduler/windows';
export type { Vm } from './vm/vm';
export type { HartState } from './vm/vcpu';
export { bytesSource, EMPTY_SOURCE, type MediaSource } from './devices/media/media-source';
export type { MachineStorage } from './machine/storage';
export type { SlotsStorage } from './update/slots';
export type { HostServices } from './secure-boot/host-services';
export type { GuestImage } from './vm/guest-image';
export type { VmState, WaitReason } from './vm/state';
export {
  type HealthActionName,
  type StartReason,
  type TraceEvent,
  type UpdateEventKind,
  type TraceEventKind,
} from './trace/events';
export type { Network } from './network/network';
export type { Card } from './network/frame';
export type { LoggedFrame } from './network/frame-log';
export { Trace } from './trace/trace';
export { hashWith, type Hash } from './trace/digest';
export { bytesBeside } from './memory/saved-memory';
export { type ByteComparison, compareWith } from './memory/same-bytes';
export { csrNames, csrNumber } from './hart/csr-file';
export type { FaultEffect, FaultyLine, RegisterName } from './faults/effect';
export type { Fault, FaultStatus, FaultTrigger, Lifespan } from './faults/fault';
export { COMPARISON_WORDS, type Comparison, type Pattern } from './faults/pattern';
export { REGISTER_NAMES, registerNumber, registerWidth } from './faults/registers';
export type { HartContract, HartObserver } from './hart/contract';
export type { MemoryObserver } from './memory/vm-memory';
export { Uses, usesOf } from './isa/uses';
export {
  adoptCode,
  type CompiledCode,
  compiledCode,
  compiledCount,
  compiledSince,
} from './engine/compiled-code';
export { type CodeStore, type KeptCode, keepCodeIn } from './engine/code-store';
export { HypervisorBug } from './bug';
export { CSR_NAMES } from './hart/csr-file';
export { DYNAMIC_ROUNDING } from './float/environment';
export { Decoded, decoderOf } from './isa/decode';
export type { Instruction } from './isa/instruction-set';
export { ABI_NAMES, FLOAT_ABI_NAMES, ROUNDING_NAMES } from './isa/registers';
export { allows, ALLOWED_IN } from './vm/state';
export type { VmAction } from './hypercalls/decision';
export type { AccountState } from './vm/account';
export type { Configuration, ConfigurationProblem } from './vm/configuration';
export { type GuestCapture, locksTaken } from './vm/guest-capture';
