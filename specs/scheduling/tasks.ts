/** Systems of tasks that do what a script tells them. */
import {
  boot,
  type ChannelDefinitions,
  defineSystem,
  type DefinedSystem,
  kib,
  type SystemDefinition,
  type TestMachine,
  type VmDefinition,
} from 'testvisor';
import { LONGEST_SCRIPT, messagesOf, type ScriptStep, Step } from '../../fixtures/task/script';

export interface Task extends Partial<Omit<VmDefinition<string, never>, 'image'>> {
  readonly does: readonly ScriptStep[];
}

export interface TasksOptions extends Omit<SystemDefinition, 'vms' | 'channels'> {
  readonly channels?: ChannelDefinitions;
  /** Which build of the task. Default that for RV32. */
  readonly image?: string;
}

/** A system of tasks by name, not booted yet. */
export function systemOf<Name extends string>(
  tasks: Readonly<Record<Name, Task>>,
  { channels = {}, image = 'task.elf', ...system }: TasksOptions = {},
): DefinedSystem<Name> {
  const names = Object.keys(tasks) as Name[];
  const vms = Object.fromEntries(
    names.map((name) => {
      const { does: _, ...vm } = tasks[name];
      return [name, { image: `../../fixtures/task/${image}`, ram: kib(64), ...vm }];
    }),
  ) as unknown as Record<Name, VmDefinition<string, never, never>>;
  const scripts = names.map((name, number) => [
    `script-${number}`,
    { kind: 'queue', from: 'test', to: name, message: Step, capacity: LONGEST_SCRIPT },
  ]);
  const all = { ...(Object.fromEntries(scripts) as ChannelDefinitions), ...channels };
  return defineSystem(
    { ...system, vms, channels: all as never },
    {
      relativeTo: __dirname,
    },
  ) as unknown as DefinedSystem<Name>;
}

/** The same booted, with every task's script on its way. */
export async function tasksOf<Name extends string>(
  tasks: Readonly<Record<Name, Task>>,
  options: TasksOptions = {},
): Promise<TestMachine<Name>> {
  const machine = await boot(systemOf(tasks, options));
  (Object.keys(tasks) as Name[]).forEach((name, number) => {
    const script = machine.channel(`script-${number}` as never) as unknown as {
      send(step: ScriptStep): void;
    };
    for (const step of messagesOf(tasks[name].does)) script.send(step);
  });
  return machine;
}

/** When a VM had a core: stretches of virtual nanoseconds. */
export function turnsOf(machine: TestMachine, vm: string, core = 0): { from: number; to: number }[] {
  const turns: { from: number; to: number }[] = [];
  let from: number | undefined;
  for (const event of machine.trace) {
    if (event.kind !== 'scheduled' || event.core !== core) continue;
    if (from !== undefined) turns.push({ from, to: event.at });
    from = event.vm === vm ? event.at : undefined;
  }
  if (from !== undefined) turns.push({ from, to: machine.now });
  return turns;
}

/** Everything that is recorded of one VM. */
export const traceOf = (machine: TestMachine, vm: string): readonly object[] =>
  machine.trace.filter((event) => 'vm' in event && event.vm === vm);
