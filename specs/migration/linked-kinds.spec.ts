/** What a link carries besides queues, and what it cannot. */
import {
  boot,
  type DefinedSystem,
  faults,
  linkMachines,
  migrate,
  ms,
  receiveVms,
  type TestMachine,
  us,
} from 'testvisor';
import { hotStandby, PERIOD, SILENCE } from '../../fixtures/redundancy/system';
import { bySharedMemory } from '../../fixtures/train-links/system';

const TOKEN = 'a token that nobody guesses';
const LATENCY = us(100);

/** Two machines of a system, in the second of which nobody lives until one VM moves there. */
async function split<Name extends string>(system: DefinedSystem<Name>, vm: Name, at: number) {
  const [here, there] = [await boot(system), await boot(system)] as readonly TestMachine<string>[];
  for (const { name } of there!.system.vms) there!.vm(name).stop();
  const receiver = await receiveVms(there!, { token: TOKEN });
  return {
    here: here!,
    there: there!,
    receiver,
    link: async () => {
      await here!.runTo(ms(at));
      const moved = await migrate(here!, vm, { to: receiver, token: TOKEN });
      return linkMachines(here!, moved, { to: receiver, token: TOKEN, latency: LATENCY });
    },
  };
}

test('sampling ports: a hot standby takes over in another machine than the one that dies', async () => {
  const {
    here,
    there,
    receiver,
    link: linked,
  } = await split(hotStandby as DefinedSystem<string>, 'right', 8);
  for (const machine of [here, there])
    (machine.channel('demand' as never) as unknown as { write(value: object): void }).write({ step: 7 });
  const link = await linked();
  expect(link).toMatchObject({ out: ['left-state'], in: ['right-state'], unconnected: [] });
  await link.runFor(ms(10));
  const commandsOf = (machine: TestMachine<string>, channel: string) =>
    machine.trace.flatMap((event) =>
      event.kind === 'message-sent' && event.channel === channel ? [event.at] : [],
    );
  // As long as the active one is heard of through the link, the standby keeps still.
  expect(commandsOf(there, 'right-command')).toEqual([]);
  const states = receiver.crossed[0]!.filter(({ direction }) => direction === 'in');
  expect(states.length).toBeGreaterThan(8);
  for (const { at, sentAt } of states.slice(2)) expect(at - sentAt).toBeLessThanOrEqual(LATENCY + us(10));

  here.inject(faults.kill({ vm: 'left' }));
  await link.runFor(ms(10));
  const lastLeft = commandsOf(here, 'left-command').at(-1)! + link.ahead;
  const [firstRight] = commandsOf(there, 'right-command');
  expect(firstRight! - lastLeft).toBeLessThan(SILENCE + 2 * PERIOD + LATENCY);
  expect(firstRight! - lastLeft).toBeGreaterThan(SILENCE);
  await link.close();
  await receiver.close();
});

test('signals go post by post; a shared region stays where it is, and the link says so', async () => {
  const {
    here,
    there,
    receiver,
    link: linked,
  } = await split(bySharedMemory as DefinedSystem<string>, 'sensor', 0.5);
  const link = await linked();
  expect(link).toMatchObject({ out: [], in: ['news'], unconnected: ['speed'] });
  const before = here.trace.length;
  await link.runFor(ms(5));
  const postsIn = (machine: TestMachine<string>, from = 0) =>
    machine.trace.slice(from).filter((event) => event.kind === 'message-sent' && event.channel === 'news')
      .length;
  const crossed = link.crossed.filter(({ channel }) => channel === 'news').length;
  expect(crossed).toBeGreaterThan(0);
  expect(postsIn(here, before)).toBe(crossed);
  // What was sent in the last window is still on its way.
  expect(postsIn(there) - crossed).toBeLessThanOrEqual(1);
  expect(postsIn(there)).toBeGreaterThanOrEqual(crossed);
  await link.close();
  expect(postsIn(here, before)).toBe(postsIn(there));
  await receiver.close();
});
