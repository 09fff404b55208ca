/** Moments of the golden run that injections begin at: as many as memory allows, which they share. */
import { defineSystem, faultSpace, mib, ns, openCampaign, sample } from 'testvisor';
import { Machine, type MachineSnapshot } from '../../../hypervisor/machine/machine';
import { sorterCampaign } from '../../harness/campaign/sorter';

const MOST = mib(256);
const PAGE = 4096;
const LARGE = 8 * 2 ** 20;
const system = defineSystem({
  vms: { sorter: { image: '../../../fixtures/sorter/sorter.elf', ram: mib(32) } },
});
const definition = {
  ...sorterCampaign({
    space: faultSpace.registers({ vm: 'sorter', registers: ['s0'] }),
    plan: sample({ size: 40 }),
    shortcuts: { pruning: false },
  }),
  system,
};

/** Bytes that the memory of snapshots takes, one with another. */
function bytesOf(snapshots: Iterable<MachineSnapshot>): number {
  const pages = new Set([...snapshots].flatMap(({ memory }) => memory));
  return PAGE * [...pages].filter((page) => page.some((byte) => byte !== 0)).length;
}

/** Snapshots that are taken, and those of them that injections begin at. */
async function checkpointsOf(given: typeof definition) {
  const [save, restore] = [jest.spyOn(Machine.prototype, 'save'), jest.spyOn(Machine.prototype, 'restore')];
  const open = await openCampaign(given);
  const taken = save.mock.results.map(({ value }) => value as MachineSnapshot);
  restore.mockClear();
  const results = Array.from({ length: open.head.planned }, (_, index) => open.run(index));
  const used = new Set(restore.mock.calls.map(([snapshot]) => snapshot));
  open.close();
  save.mockRestore();
  restore.mockRestore();
  expect(results.filter(({ outcome }) => outcome === 'harness-error')).toEqual([]);
  return { taken, used, golden: open.head.golden };
}

it('are sixty-four, also of a VM with much memory of which it uses little', async () => {
  const { taken, used } = await checkpointsOf(definition);
  // And the end.
  expect(taken).toHaveLength(65);
  expect(used.size).toBeGreaterThan(16);
  expect(bytesOf(taken)).toBeLessThan(mib(4));
});

it('are every second or fourth where they have no room', async () => {
  const { golden } = await checkpointsOf(definition);
  const each = Math.floor(golden.duration / 64);
  const stimuli = Array.from({ length: 60 }, (_, number) => ({
    at: ns(number * each),
    act: (machine: { vm(name: 'sorter'): { write(place: number, bytes: Uint8Array): void } }) =>
      machine.vm('sorter').write(0x8080_0000, new Uint8Array(LARGE).fill(number + 1)),
  }));
  const { taken, used } = await checkpointsOf({
    ...definition,
    plan: sample({ size: 12 }),
    workload: { ...definition.workload, stimuli },
  });
  expect(bytesOf(taken)).toBeGreaterThan(MOST);
  expect(bytesOf(used)).toBeLessThanOrEqual(MOST);
  const times = [...used].map(({ time }) => time).sort((a, b) => a - b);
  const distances = times.slice(1).map((time, number) => time - times[number]!);
  const least = Math.min(...distances);
  expect(times.length).toBeGreaterThan(4);
  for (const distance of distances) expect(distance / least).toBeCloseTo(Math.round(distance / least), 1);
}, 60_000);
