/** Results as a campaign would have them, for specs of what is made of results. */
import type { CampaignHead, InjectionResult, Outcome } from 'testvisor';

export const head = (changes: Partial<CampaignHead> = {}): CampaignHead => ({
  name: 'registers of train',
  file: 'campaigns/train.ts',
  plan: 'exhaustive over registers of train',
  basis: 'whole',
  seed: 7,
  identity: 'a1b2c3',
  spaceSize: 100,
  planned: 10,
  golden: { digest: 'd1', duration: 500_000_000, instructions: 1_200_000, properties: [] },
  ...changes,
});

/** A bit flip in register a0 of train. */
export function result(
  index: number,
  outcome: Outcome,
  changes: Partial<InjectionResult> = {},
): InjectionResult {
  const isBenign = outcome.startsWith('masked') || outcome === 'not-activated';
  return {
    index,
    faults: [
      { model: 'bitFlip', vm: 'train', register: 'a0', bit: index % 32, afterInstructions: 1000 + index },
    ],
    weight: 1,
    outcome,
    cause: isBenign ? '' : `${outcome} in decide() (train.c:42)`,
    firedAt: outcome === 'not-activated' ? null : 1_000_000 + index,
    recoveryTime: outcome === 'detected-recovered' ? 200_000 : null,
    bystanders: [],
    divergence: isBenign
      ? null
      : {
          vm: 'train',
          at: 1_000_100 + index,
          pc: 0x8000_0100,
          function: 'decide',
          file: 'train.c',
          line: 42,
          instruction: 'add a0, a0, a1',
          what: 'a0 was 5 instead of 1',
          by: 'instruction',
        },
    known: 'ran',
    properties: [],
    model: 'bitFlip',
    vm: 'train',
    channel: null,
    register: 'a0',
    symbol: null,
    address: null,
    bit: index % 32,
    function: 'decide',
    instructions: 1000 + index,
    ...changes,
  };
}

/** So many results of each outcome, one after the other. */
export const results = (
  counts: Partial<Record<Outcome, number>>,
  changes: Partial<InjectionResult> = {},
): InjectionResult[] =>
  (Object.entries(counts) as [Outcome, number][])
    .flatMap(([outcome, count]) => Array.from({ length: count }, () => outcome))
    .map((outcome, index) => result(index, outcome, changes));
