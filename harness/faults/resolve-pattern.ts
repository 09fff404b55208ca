/** Conditions in plain data, checked where they come in. */
import { COMPARISON_WORDS, type Pattern } from '../../hypervisor';
import { AuthorError } from '../author-error';

/** Deeper than any event or message. */
const DEEPEST = 8;

/** The pattern, if it is one. @throws AuthorError for what no value can be like */
export function requirePattern(where: string, pattern: unknown, depth = 0): Pattern {
  if (depth > DEEPEST) throw bad(where, 'it goes too deep.');
  if (pattern === null || typeof pattern === 'string' || typeof pattern === 'boolean') return pattern;
  if (typeof pattern === 'number' && Number.isFinite(pattern)) return pattern;
  if (typeof pattern !== 'object') throw bad(where, `a ${typeof pattern} is no plain data.`);
  const words = Object.keys(pattern);
  const compares = words.filter((word) => COMPARISON_WORDS.includes(word));
  if (compares.length > 0 && compares.length < words.length)
    throw bad(
      where,
      `“${compares[0]}” compares, and “${words.find((word) => !compares.includes(word))}” does not.`,
    );
  for (const [field, part] of Object.entries(pattern)) {
    if (part !== undefined) requirePattern(`${where}.${field}`, part, depth + 1);
  }
  return pattern;
}

const bad = (where: string, what: string): AuthorError =>
  new AuthorError({
    code: 'bad-trigger',
    where,
    what,
    mend: `Name fields and what they must be: { level: 3 }, or { kmh: { over: 300 } } with ${COMPARISON_WORDS.join(', ')}.`,
  });
