/** Faults on the bus and in devices, as a guest sees them that reads and writes there. */
import { boot, defineSystem, faults, faultText, kib, ms, us } from 'testvisor';
import { expectDeterminism } from './laws';
import { bootProbe, CAUSE, order } from './probe';

const vm = 'probe';
/** Where docs/platform.md says that they are. */
const RTC = 0x0010_1000;
const PLIC = 0x0c00_0000;

test('a bus error is an access fault at the device, as often as it says', async () => {
  const machine = await bootProbe();
  const fault = machine.inject(faults.busError({ vm, device: 'plic', nth: 2, times: 2 }));
  const seen = [];
  for (let time = 0; time < 4; time++) seen.push(await order(machine, 'read', PLIC + 4));
  expect(seen.map(({ cause }) => cause)).toEqual([0, CAUSE.loadFault, CAUSE.loadFault, 0]);
  expect(await order(machine, 'read', RTC)).toMatchObject({ trapped: false });
  expect(fault.status).toMatchObject({ is: 'fired' });
});

test('a bus error may concern stores alone, and one register', async () => {
  const machine = await bootProbe();
  machine.inject(faults.busError({ vm, device: 'plic', register: 'priority', index: 3, access: 'stores' }));
  expect(await order(machine, 'write', PLIC + 12)).toMatchObject({ cause: CAUSE.storeFault });
  expect(await order(machine, 'read', PLIC + 12)).toMatchObject({ trapped: false, value: 0 });
  expect(await order(machine, 'write', PLIC + 8)).toMatchObject({ trapped: false });
});

test('a wrong read changes what the guest sees, not the device', async () => {
  const machine = await bootProbe();
  await order(machine, 'write', PLIC + 4);
  const { value } = await order(machine, 'read', PLIC + 4);
  machine.inject(faults.wrongRead({ vm, address: PLIC + 4, mask: [0, 0x80], times: 1 }));
  expect(await order(machine, 'read', PLIC + 4)).toMatchObject({ value: value ^ 0x8000 });
  expect(await order(machine, 'read', PLIC + 4)).toMatchObject({ value });
  machine.inject(faults.wrongRead({ vm, address: PLIC + 4, value: 0x1234_5678 }));
  expect(await order(machine, 'read', PLIC + 4)).toMatchObject({ value: 0x1234_5678 });
});

test('a dropped write has not happened', async () => {
  const machine = await bootProbe();
  const fault = machine.inject(faults.dropWrites({ vm, device: 'plic', times: 1 }));
  expect(await order(machine, 'write', PLIC + 4)).toMatchObject({ trapped: false });
  expect(await order(machine, 'read', PLIC + 4)).toMatchObject({ value: 0 });
  await order(machine, 'write', PLIC + 4);
  expect((await order(machine, 'read', PLIC + 4)).value).not.toBe(0);
  expect(fault.activation).toBe('fired');
});

test('a device without a clock does not answer, and its events wait', async () => {
  const machine = await bootProbe();
  machine.inject(faults.stopDevice({ vm, device: 'plic', during: ms(2) }));
  machine.inject(faults.stopDevice({ vm, device: 'realTimeClock', answer: 'zero', during: ms(2) }));
  expect(await order(machine, 'read', PLIC)).toMatchObject({ cause: CAUSE.loadFault });
  expect(await order(machine, 'read', RTC)).toEqual({ trapped: false, cause: 0, value: 0 });
  await machine.runTo(ms(3));
  expect(await order(machine, 'read', PLIC)).toMatchObject({ trapped: false });
  expect(await order(machine, 'read', RTC)).not.toMatchObject({ value: 0 });
});

const timer = defineSystem({
  vms: { guest: { image: '../../../fixtures/timer/timer.machine.elf', profile: 'machine', ram: kib(64) } },
});

test('no timer interrupt comes while the timer has no clock, and the one that is due comes afterwards', async () => {
  const machine = await boot(timer);
  const fault = machine.inject(
    faults.stopDevice({ vm: 'guest', device: 'clint', at: ms(1.5), during: ms(4) }),
  );
  await machine.runTo(ms(5));
  expect(machine.vm('guest').console.text.match(/interrupt/g)).toHaveLength(1);
  expect(fault.status).toEqual({ is: 'fired', at: expect.any(Number) });
  await machine.runTo(ms(20));
  expect(machine.vm('guest').console.text.match(/interrupt/g)).toHaveLength(5);
});

test('a register comes out of reset with another value, at every start', async () => {
  const machine = await bootProbe();
  const fault = machine.inject(
    faults.wrongResetValue({ vm, device: 'plic', register: 'priority', index: 5, value: 6 }),
  );
  expect(await order(machine, 'read', PLIC + 20)).toMatchObject({ value: 6 });
  await order(machine, 'write', PLIC + 20);
  machine.inject(faults.restart({ vm }));
  await machine.runFor(ms(5));
  expect(await order(machine, 'read', PLIC + 20)).toMatchObject({ value: 6 });
  expect(fault.activation).toBe('fired');
});

test('what nobody touches is not activated', async () => {
  const machine = await bootProbe();
  await order(machine, 'read', RTC);
  const injected = [
    faults.busError({ vm, device: 'flash' }),
    faults.wrongRead({ vm, device: 'flash', mask: 1 }),
    faults.dropWrites({ vm, device: 'flash' }),
    faults.stopDevice({ vm, device: 'watchdog' }),
    faults.wrongResetValue({ vm, device: 'plic', register: 'priority', index: 5, value: 6 }),
  ].map((plan) => machine.inject(plan));
  await order(machine, 'read', RTC);
  expect(injected.map(({ activation }) => activation)).toEqual(injected.map(() => 'not-activated'));
});

test.each([
  [faults.busError({ vm }), /either a device or an address/],
  [faults.busError({ vm, device: 'uart', register: 'lineStats' }), /Did you mean “lineStatus”/],
  [faults.wrongResetValue({ vm, address: 0x8000_0000, value: 1 }), /RAM has no value after reset/],
  [faults.wrongRead({ vm, device: 'uart', mask: 0 }), /no bit set/],
  [faults.wrongRead({ vm, device: 'uart' }), /either which bits are inverted/],
  [faults.dropWrites({ vm, device: 'urat' as never }), /Did you mean “uart”/],
])('%#: a mistake is told', async (plan, text) => {
  const machine = await bootProbe();
  expect(() => machine.inject(plan)).toThrow(text);
  expect(faultText(plan)).toContain(plan.model);
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: timer,
    plans: [
      faults.stopDevice({ vm: 'guest', device: 'clint', at: ms(1.5), during: us(300), every: ms(2) }),
      faults.wrongRead({ vm: 'guest', device: 'uart', register: 'lineStatus', value: 0, times: 20 }),
      faults.dropWrites({ vm: 'guest', device: 'uart', nth: 30, times: 25 }),
      faults.busError({ vm: 'guest', device: 'uart', at: ms(4.2), times: 1 }),
    ],
    middle: ms(1.7),
    lasts: ms(10),
  });
});
