/** Where failures first leave the golden run: held against both runs, looked at side by side. */
import {
  boot,
  campaign,
  defineSystem,
  faultSpace,
  type InjectionResult,
  kib,
  ms,
  ns,
  openCampaign,
  sample,
} from 'testvisor';
import { sorter, sorterCampaign } from './sorter';

jest.setTimeout(60_000);

const vm = 'sorter';
const flips = sorterCampaign({
  space: faultSpace.registers({ vm, registers: ['a3', 'a4', 'a5', 's0'], bits: [0, 2, 4] }),
  plan: sample({ size: 60 }),
});
const failuresOf = (results: readonly InjectionResult[]) =>
  results.filter(({ divergence }) => divergence !== null);

/** An instruction’s time: none of them parts two looks at a run. */
const STEP = ns(10);

/** Where the guest is at a moment, and right before it. */
async function around(moment: number, result?: InjectionResult): Promise<readonly bigint[]> {
  const machine = await boot(sorter);
  for (const fault of result?.faults ?? []) machine.inject(fault as Parameters<typeof machine.inject>[0]);
  await machine.runFor(ns(moment - STEP));
  const before = machine.vm(vm).pc;
  await machine.runFor(STEP);
  const pcs = [before, machine.vm(vm).pc];
  machine.dispose();
  return pcs;
}

test('is the first instruction after which the guest is elsewhere, with its line of source', async () => {
  const { results } = await campaign(flips);
  const parted = failuresOf(results).filter(({ divergence }) => divergence!.what.startsWith('goes on'));
  expect(parted.length).toBeGreaterThan(5);
  for (const result of parted.slice(0, 6)) {
    const { at, pc, by, file, line, instruction } = result.divergence!;
    expect(by).toBe('instruction');
    const [golden, faulty] = [await around(at), await around(at, result)];
    expect(golden[0]).toBe(BigInt(pc!));
    expect(faulty[0]).toBe(golden[0]);
    expect(faulty[1]).not.toBe(golden[1]);
    expect({ file, line, instruction }).toEqual({
      file: expect.stringContaining('.c'),
      line: expect.any(Number),
      instruction: expect.stringMatching(/^b|^j|^c/),
    });
  }
});

test('is the first thing that a guest does otherwise where its path is the same', async () => {
  const { results } = await campaign({
    name: 'plain',
    system: defineSystem({ vms: { guest: { image: '../../../fixtures/hardened/plain.elf', ram: kib(64) } } }),
    workload: { until: (machine) => machine.vm('guest').halted(), atMost: ms(1) },
    oracle: ({ trace }) => trace.flatMap((event) => (event.kind === 'mark' ? [event.value] : [])),
    space: faultSpace.ram({ vm: 'guest', symbols: ['state'], bits: [3] }),
  });
  // It computes without a branch that depends on what it computes with.
  const failures = failuresOf(results);
  expect(failures.length).toBeGreaterThan(10);
  for (const { divergence } of failures)
    expect(divergence).toMatchObject({
      by: 'instruction',
      instruction: 'ecall',
      what: expect.stringMatching(/^mark result = .*, not: mark result = /),
    });
});

test('is told of so many injections as one wants, which ones being the same whoever carries them out', async () => {
  const size = 60;
  const whole = await campaign(flips);
  const some = await campaign({ ...flips, lookedAt: 20 });
  const none = await campaign({ ...flips, lookedAt: 0 });
  const by = ({ results }: typeof whole) =>
    failuresOf(results).map(({ index, divergence }) => [index, divergence!.by]);
  const failures = failuresOf(whole.results).map(({ index }) => index);
  expect(by(whole)).toEqual(failures.map((index) => [index, 'instruction']));
  expect(by(some)).toEqual(
    failures.map((index) => [index, index % (size / 20) === 0 ? 'instruction' : 'event']),
  );
  expect(by(none)).toEqual(failures.map((index) => [index, 'event']));
  // Nothing else depends on it.
  const rest = ({ results }: typeof whole) => results.map(({ divergence: _, ...result }) => result);
  expect(rest(some)).toEqual(rest(whole));
  expect(rest(none)).toEqual(rest(whole));
  const open = await openCampaign({ ...flips, lookedAt: 20 });
  for (const index of [...some.results.keys()].reverse())
    expect(open.run(index)).toEqual(some.results[index]);
  // Of one that somebody looks at, all is told.
  const [first] = failuresOf(none.results);
  expect(open.replay(first!.faults).divergence).toEqual(whole.results[first!.index]!.divergence);
  open.close();
});

test('is what causes are divided by: every failure that was looked at has its place', async () => {
  const { groups } = await campaign(flips);
  expect(groups.some(({ origins }) => origins.length > 1)).toBe(true);
  for (const { injections, origins } of groups) {
    expect(origins.reduce((sum, origin) => sum + origin.injections, 0)).toBe(injections);
    const places = origins.map(({ divergence: { function: name, file, line } }) => `${name} ${file} ${line}`);
    expect(new Set(places).size).toBe(places.length);
  }
});
