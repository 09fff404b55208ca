/** Faults are plain data: through JSON and through the text of a spec each comes back as it was. */
import { runInNewContext } from 'node:vm';
import {
  faults,
  faultsFromJson,
  faultsToJson,
  faultText,
  ms,
  ns,
  specText,
  us,
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
const pasted = (text: string): unknown => runInNewContext(`(${text})`, { faults, ms, us, ns });

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
