/** Faults in every message that channels carry in the golden run. */
import { faults } from '../../faults/faults';
import type { FaultPlan } from '../../faults/fault-plan';
import { requireChannel } from '../../faults/require-names';
import type { GoldenRecord } from '../engine/golden-run';
import type { ResolvedSpace, SpaceFault } from '../space';
import { listed } from './listed';

const MODELS = ['loseMessage', 'duplicateMessage', 'reorderMessages', 'corruptMessage'] as const;

export interface MessagesOptions {
  /** Default: all. */
  readonly channels?: readonly string[];
  /** Default: all of these. A corrupted message has one bit flipped. */
  readonly models?: readonly (typeof MODELS)[number][];
}

const BITS_PER_BYTE = 8;

export function messageFaults(
  { events, test }: GoldenRecord,
  { channels, models = MODELS }: MessagesOptions,
): ResolvedSpace {
  for (const channel of channels ?? []) requireChannel('faultSpace.messages()', test, channel);
  const counts = new Map<string, number>();
  const all: SpaceFault[] = [];
  for (const event of events) {
    if (event.kind !== 'message-sent' || channels?.includes(event.channel) === false) continue;
    const { channel, at, bytes, vm } = event;
    const nth = (counts.get(channel) ?? 0) + 1;
    counts.set(channel, nth);
    const add = (fault: FaultPlan, bit: number | null = null): void => {
      const place = { vm, channel, register: null, symbol: null, address: null, bit, instructions: null };
      all.push({ faults: [fault], place, pc: null, at, weight: 1 });
    };
    for (const model of models) {
      if (model !== 'corruptMessage') add(faults[model]({ channel, nth }));
      else
        for (let bit = 0; bit < bytes.length * BITS_PER_BYTE; bit++) {
          const offset = Math.floor(bit / BITS_PER_BYTE);
          add(faults.corruptMessage({ channel, nth, offset, mask: [1 << (bit % BITS_PER_BYTE)] }), bit);
        }
    }
  }
  return listed(all);
}
