/** What a translator is made with. */
import type { CostModel } from '../../../platform/costs';
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import type { DecodeAhead } from '../interpreter/decode-ahead';
import type { TranslationPolicy } from './policy';
import type { PageFinder } from './virtual-code';

export interface TranslatorOptions {
  readonly xlen: 32 | 64;
  readonly vm: VmMemory;
  readonly hart: HartMemory;
  readonly costs: CostModel['instructions'];
  readonly decoder: DecodeAhead;
  readonly policy: TranslationPolicy;
  /** Who knows where the pages of code are, if addresses are virtual ones. */
  readonly pages?: PageFinder;
}
