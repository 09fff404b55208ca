import type { FaultInfo } from '../../platform/fault-info';
import {
  FAULT_KINDS,
  HealthEvent,
  OPERATING_MODES,
  PartitionAccount,
  PartitionStatus,
  START_REASONS,
  VM_STATES,
} from '../../platform/hypercall-structs';
import { HEALTH_ERRORS, HEALTH_STATES } from '../../platform/health';
import type { AskedEvent, HypercallContext, VmView } from './context';
import { REJECTIONS } from '../../platform/secure-boot/rejection';

/**
 * What `partition status` and `statusOf` tell of a VM, as the guest reads it. Of a confidential VM others learn that it had
 * a fault and of which kind, but not where or with which code.
 */
export function encodeStatus(vm: VmView, reader: 'itself' | 'another'): Uint8Array {
  const fault = vm.lastFault;
  const isHidden = fault === undefined || (vm.isConfidential && reader === 'another');
  return PartitionStatus.encode({
    startReason: START_REASONS[vm.startReason],
    restarts: vm.restarts,
    mode: OPERATING_MODES[vm.mode],
    state: VM_STATES[vm.state.is],
    faultKind: FAULT_KINDS[fault?.kind ?? 'none'],
    faultCode: isHidden ? 0 : faultCode(fault),
    faultPc: !isHidden && 'pc' in fault ? fault.pc : 0n,
  });
}

/** What `partition account` and `accountOf` tell of a VM. */
export function encodeAccount(vm: VmView, clock: HypercallContext['clock']): Uint8Array {
  const counts = vm.account.save();
  return PartitionAccount.encode({
    cpuTime: BigInt(clock.cyclesToNanoseconds(vm.cyclesUsed)),
    ram: BigInt(vm.ram.ramSize),
    messagesSent: BigInt(counts.messagesSent),
    messagesReceived: BigInt(counts.messagesReceived),
    bytesSent: BigInt(counts.bytesSent),
    bytesReceived: BigInt(counts.bytesReceived),
    crashes: counts.crashes,
    starts: counts.starts,
    deniedHypercalls: counts.deniedHypercalls,
    deadlineMisses: counts.deadlineMisses,
    budgetsExhausted: counts.budgetsExhausted,
  });
}

/** What `health nextEvent` tells of an error of another VM. */
export function encodeHealthEvent(event: AskedEvent): Uint8Array {
  const { at, deadline, number, vm, error, state, fault } = event;
  const isHidden = fault === undefined || event.isConfidential;
  return HealthEvent.encode({
    at: BigInt(at),
    deadline: BigInt(deadline),
    faultPc: !isHidden && 'pc' in fault ? fault.pc : 0n,
    number,
    vm,
    error: HEALTH_ERRORS[error],
    state: HEALTH_STATES[state],
    faultKind: FAULT_KINDS[fault?.kind ?? 'none'],
    faultCode: isHidden ? 0 : faultCode(fault),
  });
}

function faultCode(fault: FaultInfo): number {
  if ('cause' in fault) return fault.cause >>> 0;
  if (fault.kind === 'image-rejected') return REJECTIONS[fault.why];
  return 'code' in fault ? fault.code >>> 0 : 0;
}
