/** Counts, shares and intervals of campaigns as people read them. */
import type { FaultCount, Rate } from '../../campaign/result';

/** `1,234,567`: whole, with a comma at each thousand, whatever the host's language. */
export const countText = (count: number): string =>
  String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `1.53 %`, with three digits that count; never 0 or 100 % for what is not. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent > 50 && percent < 100) {
    // What counts of a share near 1 is what it lacks.
    const digits = Math.max(1, Math.min(10, 1 - Math.floor(Math.log10(100 - percent))));
    return `${Number(percent.toFixed(digits))} %`;
  }
  return `${plain(percent)} %`;
}

const METHODS = { wilson: 'Wilson', 'clopper-pearson': 'Clopper–Pearson' } as const;

/** `1.53 % (0.84 % to 2.56 %, Clopper–Pearson at 95 %)`. */
export function rateText(rate: Rate | null): string {
  if (rate === null) return 'no share: nothing that it could be one of';
  const { estimate, low, high, confidence, method } = rate;
  if (method === 'exact') return `${shareText(estimate)} (exact)`;
  if (method === 'bounds') return `${shareText(low)} to ${shareText(high)} (not all is known)`;
  return `${shareText(estimate)} (${shareText(low)} to ${shareText(high)}, ${METHODS[method]} at ${shareText(confidence)})`;
}

/** `about 150,000 faults (101,000 to 214,000)`. */
export function faultCountText({ estimate, low, high }: FaultCount): string {
  const unit = (count: number): string => (count === 1 ? 'fault' : 'faults');
  if (low === high) return `${countText(estimate)} ${unit(estimate)}`;
  return `about ${countText(estimate)} ${unit(estimate)} (${countText(low)} to ${countText(high)})`;
}

/** Three digits that count, without exponents. */
function plain(value: number): string {
  const digits = Math.max(0, Math.min(12, 2 - Math.floor(Math.log10(value))));
  return String(Number(value.toFixed(digits))).includes('e')
    ? value.toFixed(digits)
    : String(Number(value.toFixed(digits)));
}
