/**
 * The command line. Each command is a file in commands/, loaded when it is asked for; exit codes: 0 done, 1 something
 * failed, 2 misuse.
 */
import { Command } from 'commander';

/** In the order of `--help`. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
  run: async () => (await import('./commands/run.js')).runCommand(),
  serve: async () => (await import('./commands/serve.js')).serveCommand(),
  policy: async () => (await import('./commands/policy.js')).policyCommand(),
  schedule: async () => (await import('./commands/schedule.js')).scheduleCommand(),
  keygen: async () => (await import('./commands/sign.js')).keygenCommand(),
  sign: async () => (await import('./commands/sign.js')).signCommand(),
  conformance: async () => (await import('./commands/conformance.js')).conformanceCommand(),
  campaign: async () => (await import('./commands/campaign.js')).campaignCommand(),
  replay: async () => (await import('./commands/replay.js')).replayCommand(),
  worker: async () => (await import('./commands/worker.js')).workerCommand(),
  merge: async () => (await import('./commands/merge.js')).mergeCommand(),
};

const MISUSE = 2;

const program = new Command('testvisor')
  .description('Runs guest firmware in virtual machines with exact virtual time, and shows what happened.')
  .addHelpText(
    'after',
    `
Examples:
  testvisor demo                                      train control, with a sensor that crashes
  testvisor run firmware.elf --for 50                 one image in a VM, for 50 ms of virtual time
  testvisor run u-boot.bin --raw 64 --firmware fw_dynamic.elf --console --for 60000
                                                      a boot loader on OpenSBI, with you at its console
  testvisor serve system.ts                           a system that others manage over HTTP
  testvisor policy system.ts --probe                    who may do what to whom, and whether it is true
  testvisor schedule system.ts                          whether every VM can meet its deadlines
  testvisor run system.ts --for 300 --crash sensor@120  a system, one VM crashing at 120 ms
  testvisor campaign registers.ts --store registers.duckdb --report registers.html
                                                      a fault-injection campaign on all cores`,
  )
  .showHelpAfterError('(testvisor --help explains)')
  .exitOverride();

/** The one that is named, or all, for `--help` and misspelt names. */
async function addCommands(name: string | undefined): Promise<void> {
  const named = name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : undefined;
  for (const load of named ?? Object.values(COMMANDS))
    program.addCommand((await load()).copyInheritedSettings(program));
}

export async function main(): Promise<void> {
  try {
    await addCommands(process.argv[2]);
    await program.parseAsync();
  } catch (error) {
    const { code, exitCode, message } = error as { code?: string; exitCode?: number; message: string };
    if (code?.startsWith('commander.') === true) {
      process.exitCode = exitCode === 0 ? 0 : MISUSE;
      return;
    }
    process.stderr.write(`testvisor: ${message}\n`);
    process.exitCode = 1;
  }
}
