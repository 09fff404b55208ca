/** What holds for faults of every model. */
import { boot, type DefinedSystem, type FaultPlan, type Nanoseconds, type TestMachine } from 'testvisor';

export interface Story {
  readonly system: DefinedSystem<string>;
  readonly plans: readonly FaultPlan[];
  /** How long it takes. */
  readonly lasts: Nanoseconds;
  /** A moment at which the faults are in the middle of something. */
  readonly middle: Nanoseconds;
  /** What the test does besides. */
  readonly begin?: (machine: TestMachine<string>) => void;
}

/** Runs it straight, from a snapshot in the middle, and in a fork from there. @returns the digests, which shall be the same */
export async function digestsOf({ system, plans, lasts, middle, begin }: Story) {
  const start = async (): Promise<TestMachine<string>> => {
    const machine: TestMachine<string> = await boot(system, { seed: 5 });
    begin?.(machine);
    for (const plan of plans) machine.inject(plan);
    return machine;
  };
  const straight = await start();
  await straight.runTo(lasts);
  const machine = await start();
  await machine.runTo(middle);
  const snapshot = machine.snapshot();
  const fork = machine.fork();
  await fork.runTo(lasts);
  await machine.runTo(lasts);
  const uninterrupted = machine.digest;
  machine.restore(snapshot);
  await machine.runTo(lasts);
  return {
    straight: straight.digest,
    interrupted: uninterrupted,
    forked: fork.digest,
    restored: machine.digest,
    fired: straight.trace.some(({ kind }) => kind === 'fault-injected'),
  };
}

/** All four are the same, and something was injected. */
export async function expectDeterminism(story: Story): Promise<void> {
  const { straight, fired, ...others } = await digestsOf(story);
  expect(others).toEqual({ interrupted: straight, forked: straight, restored: straight });
  expect(fired).toBe(true);
}
