/** Networks that are parted or clogged, and channels that are. */
import { boot, defineSystem, faults, kib, ms, us, type FaultPlan } from 'testvisor';
import { pingPong } from '../ping-pong';
import { expectDeterminism } from './laws';

/** The caller asks the echo three times, and ends. */
const ether = defineSystem({
  vms: {
    echo: { image: '../../../fixtures/ether/echo.elf', ram: kib(256), nics: [{ network: 'lan' }] },
    caller: { image: '../../../fixtures/ether/caller.elf', ram: kib(256), nics: [{ network: 'lan' }] },
  },
  networks: { lan: {} },
});
const network = 'lan';
type Plan = FaultPlan<'echo' | 'caller', never, 'lan'>;

const after = async (duration: ReturnType<typeof ms>, plan: Plan) => {
  const machine = await boot(ether);
  const fault = machine.inject(plan);
  await machine.runFor(duration);
  const heard = machine.trace
    .filter(({ kind }) => kind === 'frame-received')
    .map((event) => 'vm' in event && event.vm);
  return { machine, fault, heard, caller: machine.vm('caller') };
};

test('parted, neither hears the other; everybody else hears both', async () => {
  const { caller, heard, fault, machine } = await after(
    ms(10),
    faults.partitionNetwork({ network, from: ['caller'], to: ['echo'] }),
  );
  expect(caller.state.is).toBe('waiting');
  expect(new Set(heard)).toEqual(new Set(['test']));
  expect(fault.status).toMatchObject({ is: 'fired' });
  expect(machine.trace.filter(({ kind }) => kind === 'frame-dropped')).toMatchObject([
    { vm: 'echo', why: 'parted', injected: fault.id },
  ]);
});

test('parted one way, the question arrives and the answer does not', async () => {
  const { heard, caller } = await after(
    ms(10),
    faults.partitionNetwork({ network, from: ['echo'], to: ['caller'], oneWay: true }),
  );
  expect(heard).toContain('echo');
  expect(heard).not.toContain('caller');
  expect(caller.console.text).toBe('');
});

test('a partition that nobody notices is not activated, nor a clog', async () => {
  const { caller, fault } = await after(
    ms(10),
    faults.partitionNetwork({ network, from: ['test'], oneWay: true }),
  );
  expect(caller).toBeHalted({ code: 0 });
  expect(fault.activation).toBe('not-activated');
  const late = await after(ms(10), faults.clogNetwork({ network, during: us(1), at: ms(9) }));
  expect(late.fault.activation).toBe('not-activated');
});

test('a network is clogged, and then delivers everything', async () => {
  const { machine, caller, fault } = await after(ms(20), faults.clogNetwork({ network, during: ms(3) }));
  expect(caller).toBeHalted({ code: 0 });
  expect(fault.activation).toBe('fired');
  const first = machine.trace.find(({ kind }) => kind === 'frame-received');
  expect(first?.at).toBeGreaterThan(3e6);
  expect(first?.injected).toBe(fault.id);
});

test('a channel is clogged, and its sender goes on until it is full', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(faults.clogChannel({ channel: 'ping', at: us(100), during: us(400) }));
  await machine.runTo(ms(1));
  const times = machine.channel('ping').messages.map(({ at }) => at);
  expect(times.filter((at) => at >= 100e3 && at < 500e3)).toEqual([]);
  expect(times.some((at) => at >= 500e3)).toBe(true);
  expect(fault.activation).toBe('fired');
});

test.each([
  [faults.partitionNetwork({ network, from: ['coller' as 'caller'] }), /Did you mean “caller”/],
  [faults.partitionNetwork({ network, from: [] }), /nobody on one of its sides/],
  [faults.clogNetwork({ network, during: undefined as never }), /not a whole number/],
  [{ model: 'clogNetwork', network, during: 1, nth: 2 } as unknown as Plan, /has no “nth”/],
])('%#: a mistake is told', async (plan, text) => {
  const machine = await boot(ether);
  expect(() => machine.inject(plan)).toThrow(text);
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: ether,
    plans: [
      faults.clogNetwork({ network, during: us(90) }),
      faults.partitionNetwork({ network, from: ['echo'], oneWay: true, at: us(150), during: ms(1) }),
    ],
    middle: us(60),
    lasts: ms(5),
  });
});
