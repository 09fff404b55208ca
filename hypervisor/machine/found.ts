/** What was looked for by name. Throws a `RangeError` where the system has nothing of that name. */
export function found<Thing>(thing: Thing | undefined, name: string): Thing {
  if (thing === undefined) throw new RangeError(`the system has no ${name}`);
  return thing;
}
