/** Longer names are not compared: the cost is the product of the lengths. */
const LONGEST = 64;

/** Number of letters to insert, delete or replace to make one name of the other (Levenshtein). */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
};

/** Up to three of `names` that are spelt like `wanted`, the most alike first. */
export const closestNames = (wanted: string, names: Iterable<string>): string[] => {
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const alike: { name: string; distance: number }[] = [];
  for (const name of names) {
    if (wanted.length > LONGEST || Math.abs(name.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance <= limit) alike.push({ name, distance });
  }
  return alike
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
};
