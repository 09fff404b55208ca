/** Virtual times as people read them: `1.25 ms`, `340 us`; exact, in the largest unit that needs at most six decimals. */
export function durationText(nanoseconds: number): string {
  const size = Math.abs(nanoseconds);
  if (size === 0) return '0 ms';
  if (size === Infinity) return 'for ever';
  if (size < 1e3) return `${nanoseconds} ns`;
  if (size < 1e6) return `${trimmed(nanoseconds / 1e3, 3)} us`;
  if (size < 1e10) return `${trimmed(nanoseconds / 1e6, 6)} ms`;
  return `${trimmed(nanoseconds / 1e9, 9)} s`;
}

/** A moment on the virtual-time axis, in milliseconds with three decimals, of even width up to 100 s. */
export const momentText = (nanoseconds: number): string => `${(nanoseconds / 1e6).toFixed(3).padStart(9)} ms`;

const trimmed = (value: number, decimals: number): string => String(Number(value.toFixed(decimals)));
