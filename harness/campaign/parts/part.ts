/** Which part of its campaigns a spec file has: Jest's environment, which lives in another realm, leaves it on the global object. */
import type { Shard } from '../run/shard';

/** A shard of Jest's, for files that are in all of them. */
export interface CampaignPart extends Shard {
  /** Where the parts of this shard are stored. */
  readonly folder: string;
}

const KEY: unique symbol = Symbol.for('testvisor.campaign-part') as never;
interface Holder {
  [KEY]?: CampaignPart | undefined;
}

export function setCampaignPart(global: object, part: CampaignPart | undefined): void {
  (global as Holder)[KEY] = part;
}

/** Undefined where campaigns are carried out as a whole. */
export const campaignPart = (): CampaignPart | undefined => (globalThis as Holder)[KEY];
