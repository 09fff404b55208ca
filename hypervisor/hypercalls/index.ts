export type {
  CallerConsole,
  CallerMemory,
  CallerSchedules,
  ErrorHandler,
  HealthDesk,
  HypercallContext,
  OperatingMode,
  PeriodicExecution,
  UpdateDesk,
  VmView,
} from './context';
export type { HypercallDecision, HypercallOutcome, VmAction } from './decision';
export { calledName, dispatchHypercall, resumeHypercall } from './dispatch';
