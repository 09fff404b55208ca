import { type ScheduleReport, scheduleReport as ofResolved } from '../../platform/analysis/schedule-report';
import type { DefinedSystem } from './define-system';

export type { CoreReport, ScheduleReport, VmReport } from '../../platform/analysis/schedule-report';

/** How a system's cores are used, and when each VM's job is done at the latest, if all use their declared budgets. */
export const scheduleReport = (system: DefinedSystem<string>): ScheduleReport => ofResolved(system.resolved);
