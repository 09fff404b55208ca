/** Every mistake in a fault has an error of its own that says what, where, and how to mend it. */
import { join } from 'node:path';
import { boot, defineSystem, faults, kib, ms, ns, type FaultPlan, type TestMachine } from 'testvisor';
import { pingPong } from '../ping-pong';

let machine: TestMachine<string>;
beforeAll(async () => {
  machine = await boot(pingPong);
  await machine.runFor(ms(5));
});

const vm = 'ping';
const RAM = 0x8000_0000;

/** What the plan would be after a cast past the types, as from JavaScript. */
const untyped = (plan: unknown): FaultPlan => plan as FaultPlan;

test.each<[string, string, FaultPlan, RegExp]>([
  [
    'an unknown VM',
    'unknown-vm',
    faults.crash({ vm: 'pnig' }),
    /faults\.crash\(\{ vm \}\): the system has no VM “pnig”\.\n {2}mend: {2}Did you mean “ping”\?/,
  ],
  ['an unknown channel', 'unknown-channel', faults.loseMessage({ channel: 'bal' }), /no channel “bal”/],
  [
    'an unknown register',
    'unknown-register',
    faults.bitFlip({ vm, register: 'spp', bit: 0 }),
    /Did you mean “sp”\?/,
  ],
  [
    'the register that is always zero',
    'unknown-register',
    faults.bitFlip({ vm, register: 'zero', bit: 0 }),
    /always zero/,
  ],
  [
    'an unknown symbol',
    'unknown-symbol',
    faults.bitFlip({ vm, symbol: 'mian', bit: 0 }),
    /Did you mean “main”\?/,
  ],
  [
    'a bit beyond the register',
    'bit-out-of-range',
    faults.bitFlip({ vm, register: 'sp', bit: 32 }),
    /numbered from 0, the lowest, to 31/,
  ],
  ['half a bit', 'bit-out-of-range', faults.bitFlip({ vm, register: 'sp', bit: 0.5 }), /no bit 0\.5/],
  ['no bit', 'no-bits', faults.bitFlip({ vm, register: 'sp' }), /Give bit: 4/],
  [
    'an address below RAM',
    'outside-ram',
    faults.bitFlip({ vm, address: RAM - 1, bit: 0 }),
    /the byte at 0x7fffffff is not in the private RAM of VM “ping” \(0x80000000\.\.0x8000ffff\)/,
  ],
  [
    'an address beyond RAM',
    'outside-ram',
    faults.overwrite({ vm, address: RAM + kib(64) - 2, value: 1 }),
    /the 4 bytes at 0x8000fffe/,
  ],
  ['no location', 'no-location', faults.bitFlip({ vm, bit: 1 }), /does not say where/],
  [
    'two locations',
    'several-locations',
    faults.bitFlip({ vm, register: 'sp', address: RAM, bit: 1 }),
    /register and address/,
  ],
  [
    'two triggers',
    'several-triggers',
    faults.crash({ vm, at: ms(9), afterInstructions: 5 }),
    /at and afterInstructions/,
  ],
  [
    'a trigger in the past',
    'trigger-in-the-past',
    faults.crash({ vm, at: ms(1) }),
    /1 ms has passed: it is 5 ms now/,
  ],
  [
    'a trigger in another VM',
    'bad-trigger',
    faults.crash({ vm, when: { reached: 'main', vm: 'pong' } }),
    /in VM “ping”, but waits for VM “pong”/,
  ],
  [
    'a trigger at an unknown symbol',
    'unknown-symbol',
    faults.crash({ vm, when: { reached: 'no_such' } }),
    /no symbol “no_such”/,
  ],
  [
    'a trigger on an unknown channel',
    'unknown-channel',
    faults.crash({ vm, onMessage: { channel: 'nope' } }),
    /no channel “nope”/,
  ],
  [
    'the zeroth message',
    'bad-amount',
    faults.loseMessage({ channel: 'ping', nth: 0 }),
    /0 is not a whole number of at least 1/,
  ],
  ['half a count', 'bad-amount', faults.skipInstructions({ vm, count: 0.5 }), /count/],
  ['no delay', 'bad-amount', faults.delayMessage({ channel: 'ping', by: ns(0) }), /by/],
  [
    'a mask that changes nothing',
    'bad-value',
    faults.corruptMessage({ channel: 'ping', mask: 0 }),
    /no bit set/,
  ],
  [
    'a value that does not fit',
    'bad-value',
    faults.overwrite({ vm, register: 'a0', value: 2 ** 32 }),
    /does not fit 32 bits/,
  ],
  [
    'bytes for a register',
    'bad-value',
    faults.overwrite({ vm, register: 'a0', value: new Uint8Array(4) }),
    /takes a number/,
  ],
])('%s', (_what, code, plan, text) => {
  expect(() => machine.inject(untyped(plan))).toThrow(expect.objectContaining({ name: 'AuthorError', code }));
  expect(() => machine.inject(untyped(plan))).toThrow(text);
});

test('a system without channels says that there are none', async () => {
  const image = join(__dirname, '../../../fixtures/ping-pong/ping.elf');
  const alone = await boot(defineSystem({ vms: { ping: { image, ram: kib(64) } } }));
  expect(() => alone.inject(untyped(faults.loseMessage({ channel: 'ball' })) as never)).toThrow(
    /There is no channel at all/,
  );
});
