/** What was looked for by name. Throws a `RangeError` where the system has nothing of that name. */
export function found<Thing>(thing: Thing | undefined, name: string): Thing {
  if (thing === undefined) throw new RangeError(`the system has no ${name}`);
  return thing;
}

/** The thing of this name. Throws a `RangeError` where the system has none. */
export const foundByName = <Thing extends { readonly name: string }>(
  things: readonly Thing[],
  name: string,
  kind: string,
): Thing =>
  found(
    things.find((thing) => thing.name === name),
    `${kind} ${name}`,
  );
