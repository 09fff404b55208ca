/**
 * mcycle and minstret follow clocks that nobody can set: the hart's core and its count of retired instructions.
 * What is stored is the difference to them, or the value itself while mcountinhibit stops the counter.
 */
import type { CsrFile } from './csr-file';
import type { CsrRow } from './csr-row';
import { Slot } from './csr-slots';

interface Counter {
  readonly slot: number;
  /** Its bit in mcountinhibit. */
  readonly inhibit: number;
  readonly count: (file: CsrFile) => number;
  readonly countAfter: (file: CsrFile) => number;
}

const CYCLE: Counter = {
  slot: Slot.mcycle,
  inhibit: 1,
  count: (file) => file.clock.cycles(),
  countAfter: (file) => file.clock.cyclesAfter(),
};
const INSTRET: Counter = {
  slot: Slot.minstret,
  inhibit: 4,
  count: (file) => file.clock.retired(),
  countAfter: (file) => file.clock.retiredAfter(),
};

const isInhibited = (file: CsrFile, { inhibit }: Counter): boolean =>
  (file.words[2 * Slot.mcountinhibit]! & inhibit) !== 0;

const read = (counter: Counter, half: 'low' | 'high') => (file: CsrFile) => {
  file.addTo(counter.slot, isInhibited(file, counter) ? 0 : counter.count(file));
  file.answerCount(file.low, file.high, half);
};

/** The written value is what the next instruction reads (privileged architecture 3.1.10, unprivileged 6.1). */
const write = (counter: Counter, half: 'low' | 'high') => (file: CsrFile, low: number, high: number) => {
  const after = isInhibited(file, counter) ? 0 : counter.countAfter(file);
  if (file.xlen === 64) {
    file.storeDifference(counter.slot, low, high, after);
    return;
  }
  // A write to either half takes the place of the increment: the other half keeps its value too.
  file.addTo(counter.slot, isInhibited(file, counter) ? 0 : counter.count(file));
  if (half === 'low') file.storeDifference(counter.slot, low, file.high, after);
  else file.storeDifference(counter.slot, file.low, low, after);
};

/** Starts or stops a counter from the next instruction on, without a jump in its value. */
const setInhibited = (file: CsrFile, counter: Counter, inhibited: boolean): void => {
  if (isInhibited(file, counter) === inhibited) return;
  const after = counter.countAfter(file);
  file.addTo(counter.slot, inhibited ? after : 0);
  file.storeDifference(counter.slot, file.low, file.high, inhibited ? 0 : after);
};

const row = (number: number, name: string, counter: Counter, half: 'low' | 'high'): CsrRow => ({
  number,
  name,
  slot: counter.slot,
  ...(half === 'high' ? { xlen: 32 as const } : {}),
  read: read(counter, half),
  write: write(counter, half),
});

const readTime = (half: 'low' | 'high') => (file: CsrFile) => {
  file.addTo(Slot.zero, file.clock.ticks());
  file.answerCount(file.low, file.high, half);
};

export const COUNTER_ROWS: readonly CsrRow[] = [
  row(0xb00, 'mcycle', CYCLE, 'low'),
  row(0xb80, 'mcycleh', CYCLE, 'high'),
  row(0xc00, 'cycle', CYCLE, 'low'),
  row(0xc80, 'cycleh', CYCLE, 'high'),
  row(0xb02, 'minstret', INSTRET, 'low'),
  row(0xb82, 'minstreth', INSTRET, 'high'),
  row(0xc02, 'instret', INSTRET, 'low'),
  row(0xc82, 'instreth', INSTRET, 'high'),
  { number: 0xc01, name: 'time', slot: Slot.zero, read: readTime('low') },
  { number: 0xc81, name: 'timeh', slot: Slot.zero, xlen: 32, read: readTime('high') },
  {
    number: 0x320,
    name: 'mcountinhibit',
    slot: Slot.mcountinhibit,
    write: (file, low) => {
      setInhibited(file, CYCLE, (low & CYCLE.inhibit) !== 0);
      setInhibited(file, INSTRET, (low & INSTRET.inhibit) !== 0);
      file.words[2 * Slot.mcountinhibit] = low & (CYCLE.inhibit | INSTRET.inhibit);
    },
  },
];
