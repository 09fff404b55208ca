/** Parts of a campaign that different machines carry out. */
import { AuthorError } from '../../author-error';

/** Every injection of which `index % count` is `number - 1`. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** The indexes of a shard, or of the whole, in order. */
export function* indexesOf(
  planned: number,
  { number, count }: Shard = { number: 1, count: 1 },
): Generator<number> {
  for (let index = number - 1; index < planned; index += count) yield index;
}

/** How many a shard has. */
export const sizeOf = (planned: number, { number, count }: Shard): number =>
  Math.max(0, Math.ceil((planned - (number - 1)) / count));

/** @throws AuthorError `bad-amount` */
export function requireShard(shard: Shard | undefined): void {
  if (shard === undefined) return;
  const { number, count } = shard;
  if (Number.isInteger(number) && Number.isInteger(count) && number >= 1 && number <= count) return;
  throw new AuthorError({
    code: 'bad-amount',
    where: 'runCampaign({ shard })',
    what: `there is no shard ${number} of ${count}.`,
    mend: 'Give a number from 1 to the count: 1/3, 2/3, 3/3.',
  });
}
