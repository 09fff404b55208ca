/** The bench's injections: a flip leads to the same in QEMU, however it is injected there, and here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boot, faults, mib, ms, ns } from 'testvisor';
import { buildSortCrc, sortCrcSystem, undisturbed } from '../../bench/campaigns/guest';
import {
  type Flip,
  flips,
  freshProcesses,
  type GuestVerdict,
  QEMU_RAM_MIB,
  type QemuInjector,
  reusedProcess,
} from '../../bench/campaigns/qemu-injections';
import { isCompilerInstalled } from '../../fixtures/compiler';
import { isQemuInstalled } from '../hypervisor/lockstep/qemu';

const COUNT = 24;
const SEED = 1;
/** What counts as hung: so many times what an undisturbed run takes, so many milliseconds. What ends does so far sooner. */
const [LONG, PATIENCE] = [100, 2000];

const hasCompiler = isCompilerInstalled();
if (!hasCompiler)
  process.stderr.write('There is no RISC-V compiler: specs of the bench’s guest are skipped.\n');
const withGuest = hasCompiler ? test : test.skip;
const withQemu = hasCompiler && isQemuInstalled(32) ? test : test.skip;

let directory: string;
let image: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'testvisor-spec-'));
  if (hasCompiler) image = await buildSortCrc(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function here({ round, register, bit }: Flip, atMost: number): Promise<GuestVerdict> {
  const machine = await boot(sortCrcSystem(image, mib(QEMU_RAM_MIB)));
  try {
    const when = { reached: 'work', nth: round };
    machine.inject(faults.bitFlip({ vm: 'sorter', register: `x${register}`, bit, when }));
    await machine.runTo(ns(atMost));
    const { state } = machine.vm('sorter');
    if (state.is !== 'halted') return 'hung';
    return state.code === 0 ? 'right' : 'wrong';
  } finally {
    machine.dispose();
  }
}

withGuest('the guest is right by its own reckoning, in about a million instructions', async () => {
  const { instructions } = await undisturbed(image);
  expect(instructions).toBeGreaterThan(900_000);
  expect(instructions).toBeLessThan(1_100_000);
});

withGuest(
  'a flip that is undone at once is as if it had not been, though it has cost turns of translated code',
  async () => {
    const [straight, disturbed] = [await boot(sortCrcSystem(image)), await boot(sortCrcSystem(image))];
    for (let flip = 0; flip < 2; flip++)
      disturbed.inject(faults.bitFlip({ vm: 'sorter', register: 'a7', bit: 16, afterInstructions: 232_667 }));
    for (const machine of [straight, disturbed])
      await machine.runUntil(machine.vm('sorter').halted(), { atMost: ms(100) });
    expect(disturbed.vm('sorter').state).toEqual({ is: 'halted', code: 0 });
    expect(disturbed.hypervisorMachine.isLike(straight.hypervisorMachine.save())).toBe(true);
  },
);

withQemu(
  'a flip leads to the same here, in a fresh QEMU and in one that goes back to a snapshot',
  async () => {
    const { duration } = await undisturbed(image);
    const drawn = flips(COUNT, SEED);
    const ours = [];
    for (const flip of drawn) ours.push(await here(flip, duration * LONG));
    const inQemu = async (injector: QemuInjector, some: readonly Flip[]): Promise<GuestVerdict[]> => {
      const verdicts: GuestVerdict[] = [];
      try {
        for (const flip of some) verdicts.push(await injector.inject(flip));
      } finally {
        injector.close();
      }
      return verdicts;
    };
    expect(new Set(ours)).toEqual(new Set(['right', 'wrong', 'hung']));
    expect(await inQemu(await reusedProcess(image, PATIENCE), drawn)).toEqual(ours);
    const few = COUNT / 4;
    expect(await inQemu(await freshProcesses(image, PATIENCE), drawn.slice(0, few))).toEqual(
      ours.slice(0, few),
    );
  },
  60_000,
);
