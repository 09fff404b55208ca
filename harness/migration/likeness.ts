/** Whether a state from elsewhere is built as one of this machine's own: what is a number there is a number here. */

/** @returns the path to the first thing that is built otherwise */
export function unlikeness(own: unknown, theirs: unknown, path = 'state'): string | undefined {
  if (!isSet(own) || !isSet(theirs)) return undefined;
  if (kindOf(own) !== kindOf(theirs)) return path;
  if (typeof own !== 'object') return undefined;
  if (ArrayBuffer.isView(own)) return undefined;
  if (Array.isArray(own)) {
    const [first] = own as readonly unknown[];
    return firstOf(theirs as readonly unknown[], (part, index) =>
      unlikeness(first, part, `${path}[${index}]`),
    );
  }
  const [mine, other] = [own, theirs as object] as [
    Readonly<Record<string, unknown>>,
    Readonly<Record<string, unknown>>,
  ];
  // Another case of the same union has other fields.
  if (mine['is'] !== other['is'] || mine['for'] !== other['for']) return undefined;
  return firstOf(Object.keys(mine), (key) => {
    if (isSet(mine[key]) && !Object.hasOwn(other, key)) return `${path}.${key}`;
    return unlikeness(mine[key], other[key], `${path}.${key}`);
  });
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

const kindOf = (value: unknown): string => Object.prototype.toString.call(value);

function firstOf<Part>(
  parts: readonly Part[],
  find: (part: Part, index: number) => string | undefined,
): string | undefined {
  for (const [index, part] of parts.entries()) {
    const found = find(part, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
