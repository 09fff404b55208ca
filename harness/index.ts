/** The public API: what a spec imports from 'testvisor'. */
export { defineSystem } from './system/define-system';
export type { ChannelDefinitions, DefinedSystem, DefineSystemOptions } from './system/define-system';
export { boot, type BootOptions } from './machine/boot';
export type { InjectedFault, MachineSnapshot, TestMachine } from './machine/test-machine';
export type { AskOptions } from './machine/ask';
export type { TestConsole } from './machine/test-console';
export type { FrameParts, SentFrame, TestNetwork } from './machine/test-network';
export type { TestMedium } from './machine/test-medium';
export type { FaultPattern, TestVm } from './machine/test-vm';
export { serveMachine, type ServedMachine, type ServeOptions } from './remote/server';
export { migrate, type MigrateOptions, type Migration, type MigrationRound } from './migration/migrate';
export type { Crossed } from './migration/ferry';
export { linkMachines, type LinkOptions, type MachineLink } from './migration/link-machines';
export { replayCrossings } from './migration/replay-crossings';
export { receiveVms, type ReceiveOptions, type VmReceiver } from './migration/receive-vms';
export { readVmSnapshot, type VmSnapshot } from './machine/vm-snapshot';
export type { ResponseTimes, ResponseTimesOptions } from './machine/response-times';
export type { CoreAccount } from './machine/core-account';
export type { VmAccount } from './machine/vm-account';
export type { HealthEvent } from './machine/vm-health';
export type { VmSettings } from './machine/vm-life';
export type { VmUpdateStatus } from './machine/vm-update';
export { logLine, type LogEntry, type LogOptions, type Severity } from './machine/event-log';
export type { TestHart } from './machine/test-hart';
export type { ReceivedCall, TestCall } from './machine/test-call';
export type { ChannelLog, Sample, TestChannelOf } from './machine/test-channel';
export type { MessageSequence } from './machine/message-sequence';
export { RunError } from './machine/run-until';
export { anyOf, event, mark, message, reply, type EventPattern } from './machine/event-pattern';
export { between, over, under } from './messages/payload';
export type { SentMessage } from './messages/decode';
export {
  policyMatrix,
  type PolicyMatrix,
  type PolicyObject,
  type PolicyQuota,
  type PolicyRight,
  type PolicyRule,
} from './policy/policy-of';
export { probePolicy, type PolicyReport, type ProbeResult } from './policy/probe-policy';
export { faults } from './faults/faults';
export type { EventCondition, Lasting, Repeating, Times, When } from './faults/when';
export type { FaultModel, FaultOptions, FaultPlan, PlanOf } from './faults/fault-plan';
export { faultsFromJson, faultsToJson, faultText, specText } from './faults/fault-text';
export { FAMILIES as FAULT_FAMILIES, MODELS as FAULT_MODELS } from './faults/models';
export * from './campaign';
export { scheduleText } from './report/schedule-text';
export { type CoreReport, scheduleReport, type ScheduleReport, type VmReport } from './system/schedule-of';
export { createSigningKey, type ImageClaims, signImage, type SigningKey } from './signing/sign-image';
export type { MachineStorage } from '../hypervisor';
export { policyText } from './report/policy-text';
export { storyOf, type StoryOptions } from './report/story/story';
export { AuthorError, type AuthorErrorCode } from './author-error';
export { matchers } from './jest/matchers';
export type { TestvisorMatchers } from './jest/matcher-types';
export * from './image';

export { address, bytes, kib, mib, ms, ns, seconds, us } from '../platform/units';
export type { ByteCount, GuestAddress, Nanoseconds } from '../platform/units';
export {
  array,
  bool,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  MessageError,
  struct,
  text,
  u16,
  u32,
  u64,
  u8,
} from '../platform/message';
export type { Message, ValueOf } from '../platform/message';
export { SystemError, type SystemErrorCode } from '../platform/validate-system';
export type { HealthError, HealthState } from '../platform/health';
export type {
  BackOff,
  ChannelDefinition,
  DiskDefinition,
  FaultPolicy,
  HealthAction,
  HealthRow,
  HealthTable,
  ModuleScheduleDefinition,
  ScheduleChangeAction,
  MutexProtocol,
  NetworkDefinition,
  NicDefinition,
  RateDefinition,
  RestartKind,
  Schedule,
  SchedulingPolicy,
  System,
  SystemDefinition,
  VmDefinition,
  WindowDefinition,
} from '../platform/system';
export type { FaultInfo } from '../platform/fault-info';
export type { ScheduleStatus, TraceEvent, VmState, WaitReason } from '../hypervisor';
