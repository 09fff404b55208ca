import { nearestName } from '../platform/names';

/** How to mend a name that is not among the known ones: the one probably meant, else all of them. */
export function suggestName(name: string, known: readonly string[], kind: string): string {
  const meant = nearestName(name, known);
  if (meant !== undefined) return `Did you mean “${meant}”?`;
  if (known.length === 0) return `There is no ${kind} at all.`;
  return `There is ${known.map((other) => `“${other}”`).join(', ')}.`;
}
