/** Carries out campaigns: one after the other injection in this process, or, by whoever opens it, some of them anywhere. */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { FaultPlan } from '../faults/fault-plan';
import { faultsToJson } from '../faults/fault-text';
import { requireWholeNumber } from '../machine/require-amount';
import type { ChannelDefinitions } from '../system/define-system';
import type { CampaignDefinition, OpenCampaign } from './contract';
import { GoldenRecord, type KnownAccesses } from './engine/golden-run';
import { Pilot } from './engine/pilot';
import { carryOutPart } from './parts/carry-out';
import { campaignPart } from './parts/part';
import { exhaustive, type Injections } from './plan';
import type { CampaignHead, CampaignSummary, InjectionResult } from './result';
import type { SpaceFault } from './space';
import { Summarizer } from './summary';

const DEFAULT_SEED = 1;
const DEFAULT_LOOKED_AT = 200;

/** Describes a campaign; a module that exports one can be carried out by `testvisor campaign` and by workers. */
export function defineCampaign<
  VmName extends string,
  Channels extends ChannelDefinitions,
  NetworkName extends string,
>(
  definition: CampaignDefinition<VmName, Channels, NetworkName>,
): CampaignDefinition<VmName, Channels, NetworkName> {
  return definition;
}

/** A campaign with what other threads may take over. */
export interface RecordedCampaign extends OpenCampaign {
  readonly accesses: KnownAccesses;
}

/**
 * Records the golden run and makes the campaign's injections known by their indexes.
 * @throws AuthorError `bad-campaign` for a workload that does not end or is not the same twice, and for a space or plan
 *   that the system has no place for
 */
export async function openCampaign<
  VmName extends string,
  Channels extends ChannelDefinitions,
  NetworkName extends string,
>(given: CampaignDefinition<VmName, Channels, NetworkName>): Promise<OpenCampaign> {
  return recordCampaign(given as unknown as CampaignDefinition);
}

/**
 * The same, with what another thread has recorded.
 * @throws AuthorError see `openCampaign`
 */
export async function recordCampaign(
  definition: CampaignDefinition,
  known: KnownAccesses = new Map(),
): Promise<RecordedCampaign> {
  const { name, seed = DEFAULT_SEED, space, plan = exhaustive(), shortcuts = {} } = definition;
  const { file, lookedAt = DEFAULT_LOOKED_AT } = definition;
  requireWholeNumber('campaign({ lookedAt })', lookedAt, 0);
  const { pruning = true, earlyStop = true } = shortcuts;
  const golden = await GoldenRecord.record(definition, known);
  const resolved = space.resolve(golden);
  const injections = plan.draw(resolved, seed, pruning, golden);
  const pilot = new Pilot(golden, { earlyStop, prunes: pruning });
  const summary = golden.summary;
  const head: CampaignHead = {
    name,
    ...(file === undefined ? {} : { file: relative(process.cwd(), file) }),
    plan: `${plan.describe} over ${space.describe}`,
    basis: injections.basis,
    seed,
    identity: identify([
      ...[name, plan.describe, space.describe, seed, pruning, earlyStop, lookedAt],
      ...[summary, resolved.size, injections.planned, someOf(injections)],
      golden.test.system.vms.map((vm) => golden.test.imageOf(vm.name).hash),
    ]),
    spaceSize: injections.spaceSize === undefined ? resolved.size : injections.spaceSize,
    planned: injections.planned,
    golden: summary,
  };
  // By index alone: the same whoever carries out which of them.
  const stride = Math.max(1, Math.ceil(injections.planned / lookedAt));
  const isLookedAt = (index: number): boolean => lookedAt > 0 && index % stride === 0;
  return {
    head,
    accesses: golden.accesses,
    run: (index) => pilot.run(injections.at(index), index, isLookedAt(index)),
    replay: (faults) => pilot.run(faultOf(faults), -1, true),
    failed: (index, cause) => pilot.failed(injections.at(index), index, cause),
    isEnough: (tally) => injections.isEnough(tally),
    close: () => golden.test.dispose(),
  };
}

export interface CampaignReport extends CampaignSummary {
  /** In order. */
  readonly results: readonly InjectionResult[];
}

/** How often it is looked whether a plan that may stop early has enough. */
export const LOOKS = 100;

/**
 * Carries out a campaign in this process; under Jest's `--shard`, in a file with `@testvisor-split-campaigns`, a part of it.
 * @throws AuthorError see `openCampaign`
 */
export async function campaign<
  VmName extends string,
  Channels extends ChannelDefinitions,
  NetworkName extends string,
>(definition: CampaignDefinition<VmName, Channels, NetworkName>): Promise<CampaignReport> {
  const open = await openCampaign(definition);
  try {
    const part = campaignPart();
    if (part !== undefined) return await carryOutPart(open, part);
    const summarizer = new Summarizer(open.head);
    const results: InjectionResult[] = [];
    for (let index = 0; index < open.head.planned; index++) {
      const result = open.run(index);
      results.push(result);
      summarizer.add(result);
      if (results.length % LOOKS === 0 && open.isEnough(summarizer.tally)) break;
    }
    // What stopped early has all that it needs.
    return { ...summarizer.summary(), planned: results.length, results };
  } finally {
    open.close();
  }
}

/** Processes that carry out the same campaign find the same. */
const identify = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** From how many injections an identity is made. */
const IDENTIFYING = 64;

/** Injections from all over a plan: two campaigns may differ in nothing but in which registers theirs are. */
function someOf({ planned, at }: Injections): readonly unknown[] {
  const count = Math.min(planned, IDENTIFYING);
  return Array.from({ length: count }, (_, number) => at(Math.floor((number * planned) / count)).faults);
}

/** Faults that somebody names, of which nothing is known. */
function faultOf(faults: readonly FaultPlan[]): SpaceFault {
  const [first] = faults;
  if (first === undefined) throw new RangeError(`there is no fault in ${faultsToJson(faults)}`);
  return {
    faults,
    weight: 1,
    pc: null,
    at: null,
    place: {
      vm: 'vm' in first ? first.vm : null,
      channel: 'channel' in first ? first.channel : null,
      register: 'register' in first ? (first.register ?? null) : null,
      symbol: 'symbol' in first ? (first.symbol ?? null) : null,
      address: 'address' in first ? (first.address ?? null) : null,
      bit: 'bit' in first ? (first.bit ?? null) : null,
      instructions: 'afterInstructions' in first ? (first.afterInstructions ?? null) : null,
    },
  };
}
