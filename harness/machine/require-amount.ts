import { AuthorError } from '../author-error';

/** Throws unless `value` is a whole number from `least` to `most`. */
export function requireWholeNumber(
  where: string,
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value;
  throw new AuthorError({
    code: 'bad-amount',
    where,
    what: `${String(value)} is not a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}.`,
    mend: 'Durations and times are ms(5), us(10) or ns(100); counts are whole numbers.',
  });
}
