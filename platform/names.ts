/** Which names an author may give: to messages and fields, which become C identifiers, and to VMs and channels. */

/** Keywords of C11 and of C++ (headers are included from both), and names the generated headers need for themselves. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long ' +
    'register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while ' +
    'alignas alignof and and_eq asm bitand bitor bool catch char16_t char32_t class compl const_cast constexpr ' +
    'decltype delete dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr ' +
    'operator or or_eq private protected public reinterpret_cast static_assert static_cast template this ' +
    'thread_local throw true try typeid typename using virtual wchar_t xor xor_eq'
  ).split(' '),
);

/**
 * Why `name` cannot be a C identifier (C11, 6.4.2 and 7.1.3), or undefined when it can: the end of a
 * sentence that begins with the name.
 */
export function whyNotCIdentifier(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return 'is not a C identifier: use letters, digits and underscores, not beginning with a digit';
  if (KEYWORDS.has(name)) return 'is a keyword of C or C++';
  if (/^_[_A-Z]/.test(name)) return 'is reserved in C: begin with a letter';
  return undefined;
}

/** The longest name of a VM or channel, in bytes: what a guest's look-up can pass. */
export const MAX_NAME_BYTES = 63;

/** Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j += 1) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  return rows[a.length]![b.length]!;
}

/** The known name that `name` was probably meant to be, or undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [nearest, least] = [candidate, edits];
  }
  return nearest;
}
