/** One train control by three kinds of link: the same sources decide the same, and what each link costs is measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, ms, us } from 'testvisor';
import { byMessages, byNetwork, bySharedMemory } from '../../fixtures/train-links/system';

const JOBS = 40;
const LINKS = {
  'shared memory and a semaphore': () => boot(bySharedMemory),
  'message passing': () => boot(byMessages),
  'virtual network': () => boot(byNetwork),
} as const;
type Link = keyof typeof LINKS;

async function drive(link: Link) {
  const machine = await LINKS[link]();
  await machine.runFor(ms(5 * JOBS + 4));
  const marks = machine.events.flatMap((event) => (event.kind === 'mark' ? [event] : []));
  const at = (name: string, sequence: number): number =>
    marks.find((event) => event.name === name && Number(event.value) === sequence)!.at;
  const latencies = Array.from({ length: JOBS }, (_, job) => at('taken', job + 1) - at('measured', job + 1));
  const brakes = machine.channel('brake').messages.map(({ value }) => value);
  const denied = (['train', 'sensor'] as const).map((vm) => machine.vm(vm).account.deniedHypercalls);
  return { latencies, brakes, denied, machine };
}

const inMicroseconds = (nanoseconds: number): string => (nanoseconds / 1000).toFixed(2);

describe.each(Object.keys(LINKS) as Link[])('by %s', (link) => {
  test('the train takes every speed once, in order, and brakes from 301 km/h on', async () => {
    const { brakes, denied, machine } = await drive(link);
    const expected = Array.from({ length: JOBS - 20 }, (_, job) => ({ sequence: job + 21, kmh: job + 301 }));
    expect(brakes).toEqual(expected);
    expect(denied).toEqual([0, 0]);
    for (const vm of ['train', 'sensor'] as const) expect(machine.vm(vm)).toBeUndisturbed();
  });

  test('a speed is there within 50 µs, and the documentation says how long it takes', async () => {
    const { latencies } = await drive(link);
    const [least, most] = [Math.min(...latencies), Math.max(...latencies)];
    expect(most).toBeLessThan(us(50));
    const page = readFileSync(join(__dirname, '../../docs/communication.md'), 'utf8');
    const row = page.split('\n').find((line) => line.startsWith(`| ${link} |`));
    const cells = row?.split('|').map((cell) => cell.trim());
    expect(cells?.slice(2, 4)).toEqual([inMicroseconds(least), inMicroseconds(most)]);
  });
});
