/** What `testvisor` exports of campaigns. */
export { FAILURES, OUTCOME_NAMES, OUTCOMES, type Outcome } from './outcomes';
export type {
  Basis,
  BystanderImpact,
  CampaignHead,
  CampaignSummary,
  Divergence,
  FailureGroup,
  FaultCount,
  FaultPlace,
  FigureValue,
  GoldenRun,
  InjectionResult,
  OutcomeCount,
  PropertyObservation,
  PropertyResult,
  Rate,
  RecoveryTimes,
} from './result';
export { type Figure, FIGURE_NAMES, FIGURES, type Quantity } from './figures';
export {
  clopperPearson,
  effectiveTrials,
  type Interval,
  type Trials,
  trialsFor,
  upperBound,
  wilson,
} from './statistics';
export { Summarizer, summarize, type SummaryOptions } from './summary';
export { CampaignStore } from './store/store';
export { exportResults } from './store/export';
export { mergeStores, type MergeReport } from './store/merge';
