/** The one place that turns faults into text and back: the call that makes one, to paste into a spec, and JSON. */
import { AuthorError } from '../author-error';
import type { FaultPlan } from './fault-plan';
import { requireKnown } from './options';

/** Options in nanoseconds, wherever they occur. */
const TIMES = new Set(['at', 'after', 'by', 'duration', 'during', 'every', 'period', 'amount', 'upTo']);
/** Options that people read in hexadecimal. */
const HEXADECIMAL = new Set(['address', 'reached', 'value', 'mask', 'encoding', 'to']);

/** The call that makes a fault: `faults.bitFlip({ vm: 'sensor', register: 'sp', bit: 4, at: ms(120) })`. */
export function faultText(plan: FaultPlan): string {
  const { model, ...options } = plan;
  return `faults.${model}(${valueText('', options)})`;
}

/**
 * Several faults as lines to paste into a spec: `machine.inject(faults.…);`.
 * @param machine how the machine is called there
 */
export const specText = (plans: readonly FaultPlan[], machine = 'machine'): string =>
  plans.map((plan) => `${machine}.inject(${faultText(plan)});`).join('\n');

/** A fault, or several, as JSON. */
export const faultsToJson = (plans: FaultPlan | readonly FaultPlan[]): string => JSON.stringify(plans);

/**
 * The faults that a text in JSON holds: one, or an array of them.
 * @throws AuthorError `bad-fault` or `unknown-option` for what is none
 */
export function faultsFromJson(json: string): readonly FaultPlan[] {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw new AuthorError({
      code: 'bad-fault',
      where: 'faultsFromJson()',
      what: `the text is not JSON: ${(error as Error).message}.`,
      mend: 'Give what faultsToJson returned.',
    });
  }
  const plans: unknown[] = Array.isArray(data) ? data : [data];
  return plans.map((plan) => {
    requireKnown(plan);
    return plan;
  });
}

function valueText(option: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => valueText(option, each)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, each]) => `${nameText(name)}: ${valueText(name, each)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  if (typeof value === 'string') return stringText(value);
  if (typeof value !== 'number') return String(value);
  if (!Number.isSafeInteger(value)) return String(value);
  if (TIMES.has(option)) return timeText(value);
  return HEXADECIMAL.has(option) && value >= LEAST_HEXADECIMAL ? `0x${value.toString(16)}` : String(value);
}

/** Below it both look the same. */
const LEAST_HEXADECIMAL = 10;

/** As JSON escapes it, in the quotes that the sources have. */
const stringText = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

function nameText(name: string): string {
  // In an object's literal it would be no field.
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringText(name);
}

/** `ms(1.5)`, `us(10)`: the largest unit in which it is exact and short. */
function timeText(nanoseconds: number): string {
  // Beyond, the product of its text and the unit is no longer exact.
  if (Math.abs(nanoseconds) > LARGEST_EXACT) return `ns(${nanoseconds})`;
  if (nanoseconds % 1e4 === 0 && nanoseconds !== 0) return `ms(${nanoseconds / 1e6})`;
  return nanoseconds % 10 === 0 && nanoseconds !== 0 ? `us(${nanoseconds / 1e3})` : `ns(${nanoseconds})`;
}

const LARGEST_EXACT = 2 ** 50;
