/** What `testvisor` exports of campaigns. */
export { campaign, type CampaignReport, defineCampaign, openCampaign } from './campaign';
export type { CampaignDefinition, OpenCampaign, Shortcuts, Stimulus, Workload } from './contract';
export { around, exhaustive, type Injections, type Plan, sample, type SampleOptions } from './plan';
export { random, type RandomOptions } from './random';
export { minimize, type Minimized, type MinimizeOptions } from './minimize';
export { FaultSpace, faultSpace, type ResolvedSpace, type SpaceFault } from './space';
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
  Origin,
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
export { HeatMaps, type HeatCell, type HeatMap, type HeatMapName } from './heat-maps';
export { campaignHtml, CampaignPage } from '../report/campaign/page/page';
export { campaignJUnit } from '../report/campaign/junit';
export { loadCampaign } from './run/load-campaign';
export { runCampaign, type CampaignRun, type Progress, type RunOptions } from './run/run-campaign';
export type { Shard } from './run/shard';
export type { Chunk, Executor } from './run/executor';
