/** Faults are plain data: through JSON and through the text of a spec each comes back as it was. */
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import {
  faults,
  faultsFromJson,
  faultsToJson,
  faultText,
  ms,
  ns,
  specText,
  us,
  FAULT_MODELS,
  type FaultModel,
  type FaultPlan,
} from 'testvisor';

const SAMPLES: readonly (readonly [FaultPlan, string])[] = [
  [
    faults.bitFlip({ vm: 'sensor', register: 'sp', bit: 4, at: ms(120) }),
    "faults.bitFlip({ vm: 'sensor', register: 'sp', bit: 4, at: ms(120) })",
  ],
  [
    faults.overwrite({ vm: 'a', symbol: 'state', value: 1n << 63n, size: 8, after: us(1.5) }),
    "faults.overwrite({ vm: 'a', symbol: 'state', value: '0x8000000000000000', size: 8, after: us(1.5) })",
  ],
  [
    faults.overwrite({ vm: 'a', address: 0x8000_1000, value: new Uint8Array([1, 255]), at: ns(1) }),
    "faults.overwrite({ vm: 'a', address: 0x80001000, value: [1, 0xff], at: ns(1) })",
  ],
  [
    faults.crash({ vm: 'it’s', when: { reached: "o'clock", nth: 2 } }),
    "faults.crash({ vm: 'it’s', when: { reached: 'o\\'clock', nth: 2 } })",
  ],
  [
    faults.corruptMessage({ channel: 'speed', mask: 0x80, times: 3 }),
    "faults.corruptMessage({ channel: 'speed', mask: [0x80], times: 3 })",
  ],
];

/** What a spec into which the text was pasted would make of it. */
const context = createContext({ faults, ms, us, ns });
const pasted = (text: string): unknown => runInContext(`(${text})`, context);

test.each(SAMPLES)('%#', (plan, text) => {
  expect(faultText(plan)).toBe(text);
  expect(pasted(text)).toEqual(plan);
  expect(faultsFromJson(faultsToJson(plan))).toEqual([plan]);
});

test('several faults are one plan', () => {
  const plans = SAMPLES.map(([plan]) => plan);
  expect(faultsFromJson(faultsToJson(plans))).toEqual(plans);
  expect(specText(plans.slice(0, 1))).toBe(
    "machine.inject(faults.bitFlip({ vm: 'sensor', register: 'sp', bit: 4, at: ms(120) }));",
  );
});

test.each([
  ['no JSON', '{', /the text is not JSON/],
  ['no fault', '[7]', /it is no fault/],
  ['an unknown model', '{ "model": "bitFlop" }', /no model of faults “bitFlop”.*\n.*Did you mean “bitFlip”/],
  [
    'an unknown option',
    '{ "model": "crash", "vm": "a", "registr": "sp" }',
    /a fault of this model has no “registr”/,
  ],
])('%s is refused', (_what, json, text) => {
  expect(() => faultsFromJson(json)).toThrow(text);
});

/** Any value that an option can have, by its name. */
const value = (option: string): fc.Arbitrary<unknown> => {
  const whole = fc.integer({ min: 0, max: 2 ** 50 });
  const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 4 });
  const field: fc.Arbitrary<unknown> = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.record({ over: fc.integer(), not: whole }),
  );
  const pattern = fc.dictionary(fc.string({ unit: 'binary' }), field, { maxKeys: 3 });
  switch (option) {
    case 'mask':
    case 'bits':
    case 'from':
      return bytes;
    case 'value':
      return fc.oneof(
        whole,
        bytes,
        fc.bigInt(1n << 53n, 1n << 63n).map((large) => `0x${large.toString(16)}`),
      );
    case 'matching':
      return pattern;
    case 'onEvent':
      return fc.record({ event: pattern, nth: whole });
    case 'when':
      return fc.record({ reached: fc.oneof(whole, fc.string({ unit: 'binary' })), nth: whole });
    case 'onMessage':
      return fc.record({ channel: fc.string(), matching: pattern });
    case 'at':
    case 'by':
    case 'every':
      return fc.maxSafeInteger();
    default:
      return fc.oneof(whole, fc.string({ unit: 'binary' }), fc.constant('always'));
  }
};
/** What constructors make bytes of. */
const required = (options: readonly string[]) => options.filter((option) => option === 'mask');
const SHARED = ['at', 'every', 'during', 'times', 'when', 'onEvent', 'onMessage', 'hart', 'nth', 'matching'];
const anyPlan = fc.constantFrom(...(Object.keys(FAULT_MODELS) as FaultModel[])).chain((model) => {
  const { on, options } = FAULT_MODELS[model];
  const fields = Object.fromEntries([...options, ...SHARED].map((option) => [option, value(option)]));
  return fc
    .record({ ...fields, [on]: fc.string({ unit: 'binary' }) }, { requiredKeys: [on, ...required(options)] })
    .map((given) => ({ model, ...given }) as unknown as FaultPlan);
});

test('every fault comes back from its text, which is the same again, and from JSON', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const text = faultText(plan);
      const back = pasted(text) as FaultPlan;
      expect({ ...back }).toEqual(plan);
      expect(faultText(back)).toBe(text);
      expect(JSON.parse(faultsToJson(plan))).toEqual(plan);
    }),
    { numRuns: 1000 },
  );
});
