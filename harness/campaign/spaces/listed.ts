import type { ResolvedSpace, SpaceFault } from '../space';

/** A space of these faults, none of which stands for another. */
export const listed = (all: readonly SpaceFault[]): ResolvedSpace => {
  const at = (index: number): SpaceFault => {
    const fault = all[index];
    if (fault === undefined) throw new RangeError(`the space has no fault number ${index}`);
    return fault;
  };
  return { size: all.length, at, classCount: all.length, classAt: at };
};
