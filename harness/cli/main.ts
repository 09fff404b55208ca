#!/usr/bin/env node
/** The command line. Each command is a file in commands/; exit codes: 0 done, 1 something failed, 2 misuse. */
import { Command } from 'commander';
import { campaignCommand } from './commands/campaign';
import { conformanceCommand } from './commands/conformance';
import { demoCommand } from './commands/demo';
import { policyCommand } from './commands/policy';
import { scheduleCommand } from './commands/schedule';
import { mergeCommand } from './commands/merge';
import { replayCommand } from './commands/replay';
import { runCommand } from './commands/run';
import { serveCommand } from './commands/serve';
import { workerCommand } from './commands/worker';
import { keygenCommand, signCommand } from './commands/sign';

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

for (const command of [
  demoCommand(),
  runCommand(),
  serveCommand(),
  policyCommand(),
  scheduleCommand(),
  keygenCommand(),
  signCommand(),
  conformanceCommand(),
  campaignCommand(),
  replayCommand(),
  workerCommand(),
  mergeCommand(),
])
  program.addCommand(command.copyInheritedSettings(program));

async function main(): Promise<void> {
  try {
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

void main();
