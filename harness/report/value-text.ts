import { isAsymmetric } from '../messages/payload';

/** A value of a message or a pattern on one line: `{ kmh: 310, at: 5n }`. Long ones are cut. */
export function valueText(value: unknown): string {
  const text = show(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

const LONGEST = 72;
const MOST_BYTES = 12;

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isAsymmetric(value)) return value.toAsymmetricMatcher?.() ?? value.toString();
  if (ArrayBuffer.isView(value))
    return bytesText(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  const entries = Object.entries(value).map(([name, part]) => `${name}: ${show(part)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '(no bytes)';
  const shown = Array.from(bytes.subarray(0, MOST_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  return `${bytes.length} bytes: ${shown.join(' ')}${bytes.length > MOST_BYTES ? ' …' : ''}`;
}
