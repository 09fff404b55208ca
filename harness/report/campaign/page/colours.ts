/** Colours that mean the same everywhere in a report, also to people who see fewer (after Okabe and Ito). */
import { type Outcome, outcomeRow } from '../../../campaign/outcomes';

export const INK = '#1c2430';
export const FAINT = '#5d6878';
export const LINE = '#dde2ea';

export const COUNTS = {
  undetected: { colour: '#c8401a', word: 'undetected' },
  detected: { colour: '#d98e04', word: 'detected' },
  handled: { colour: '#0a72a8', word: 'handled' },
  masked: { colour: '#2f9e7d', word: 'masked' },
  none: { colour: '#9aa4b2', word: 'no statement' },
} as const;

/** How an outcome is drawn: of what is benign, what somebody noticed and handled is set apart. */
export function countsOf(outcome: Outcome): (typeof COUNTS)[keyof typeof COUNTS] {
  const { counts, isNoticed } = outcomeRow(outcome);
  if (counts === 'benign') return isNoticed === true ? COUNTS.handled : COUNTS.masked;
  return COUNTS[counts];
}

/** Shares of failures from none to all. */
export const HEAT = ['#f3f6f4', '#fde8c4', '#f9b967', '#e8743b', '#b5281c', '#6d0f14'];
