export type {
  CallerConsole,
  CallerMemory,
  ErrorHandler,
  HypercallContext,
  OperatingMode,
  PeriodicExecution,
  VmView,
} from './context';
export type { HypercallDecision, HypercallOutcome, VmAction } from './decision';
export { calledName, dispatchHypercall, resumeHypercall } from './dispatch';
