import { DEFAULT_COSTS, DEFAULT_FREQUENCY, type CostModel } from '../costs';
import { whyNotFrequency } from '../time';
import { requireObject, show } from './checks';
import { SystemError } from './system-error';

/** A clock whose arithmetic is exact. */
export function resolveFrequency(frequency: unknown): number {
  if (frequency === undefined) return DEFAULT_FREQUENCY;
  const wrong = typeof frequency === 'number' ? whyNotFrequency(frequency) : 'is not a number';
  if (wrong !== undefined)
    throw new SystemError(
      'bad-frequency',
      'frequency',
      `${show(frequency)} ${wrong}.`,
      'Write the hertz, for example 100_000_000.',
    );
  return frequency as number;
}

function requireCost(where: string, value: unknown, least: number, kind: 'whole' | 'fraction'): number {
  const fits = kind === 'whole' ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (typeof value !== 'number' || !fits || value < least)
    throw new SystemError(
      'bad-cost',
      where,
      `${show(value)} is not a ${kind === 'whole' ? 'whole ' : ''}number of cycles of at least ${least}.`,
      least === 1 ? 'Everything a guest can repeat for ever must take time.' : 'Time does not run backwards.',
    );
  return value;
}

/** What a guest can repeat for ever, besides instructions. */
const AT_LEAST_ONE = ['trap', 'blockRequest'];

/** The declared costs, over the default ones. */
export function resolveCosts(declared: unknown): CostModel {
  if (declared === undefined) return DEFAULT_COSTS;
  const given = requireObject('costs', declared, Object.keys(DEFAULT_COSTS));
  const classes = Object.keys(DEFAULT_COSTS.instructions);
  const instructions =
    given['instructions'] === undefined
      ? {}
      : requireObject('costs.instructions', given['instructions'], classes);
  for (const [name, value] of Object.entries(instructions))
    if (value !== undefined) requireCost(`costs.instructions.${name}`, value, 1, 'whole');
  for (const [name, value] of Object.entries(given))
    if (name !== 'instructions' && value !== undefined)
      requireCost(
        `costs.${name}`,
        value,
        AT_LEAST_ONE.includes(name) ? 1 : 0,
        name.endsWith('PerByte') ? 'fraction' : 'whole',
      );
  return {
    ...DEFAULT_COSTS,
    ...withoutUndefined(given),
    instructions: { ...DEFAULT_COSTS.instructions, ...withoutUndefined(instructions) },
  };
}

const withoutUndefined = (given: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
