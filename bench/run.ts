/** `npm run bench`: measures what is promised about speed. `-- --help` tells how. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Bench, Options, Part } from './bench';
import { campaignPeerNames } from './campaigns/part';
import { type BuiltRunner, testvisorRunner } from './compare/command-line';
import type { ComparisonWithCosts } from './compare/comparison';
import { installedPeers, peerNames } from './compare/runners';
import { PARTS } from './parts';
import { POLICIES, setPolicy } from './policy';
import { comparisonJson, comparisonText, geometricMeans, meanText, measurementText } from './report';

interface CommandOptions extends Omit<Options, 'limit'> {
  readonly json?: boolean;
  /** In seconds. */
  readonly limit: number;
}

// What is promised of processes is what one pays that finds nothing kept by earlier ones, unless somebody asks otherwise.
process.env['TESTVISOR_CACHE'] ??= 'off';

const PEER_NAMES = [...peerNames, ...campaignPeerNames];

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('a number above 0');
  return value;
};

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number above 0');
  return Number(text);
};

const known = (text: string): readonly string[] => {
  const names = text.split(',');
  const unknown = names.find((name) => !PEER_NAMES.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is none of ${PEER_NAMES.join(', ')}`);
  return names;
};

const program = new Command('npm run bench --')
  .description('Measures what is promised about speed, beside whatever peers this machine has.')
  .argument('[parts...]', 'parts to run (default: all)')
  .option('--json', 'a line of JSON for each ratio, nothing else on standard output; only parts that compare')
  .option('--images <directory>', 'compare at the RISC-V images of a directory instead')
  .option('--only <text>', 'only workloads and images whose name has this in it')
  .option('--runs <number>', 'alternating runs of each comparison, whose median counts', whole, 5)
  .option('--peers <names>', `some of ${PEER_NAMES.join(',')} (default: all)`, known)
  .addOption(
    new Option('--policy <policy>', 'whether Testvisor translates hot code')
      .choices(POLICIES)
      .default('default'),
  )
  .option('--scale <factor>', 'how long workloads are, of about a second under QEMU', positive, 1)
  .option('--ram <MiB>', 'memory of each image', whole, 16)
  .option('--injections <number>', 'how many the part million has (default: 20000)', whole)
  .option('--limit <seconds>', 'after which a run is taken for hung', positive, 300)
  .addHelpText(
    'after',
    `
Parts:
${PARTS.map(({ name, description }) => `  ${name.padEnd(10)} ${description}`).join('\n')}

Examples:
  npm run bench                                    everything; takes most of an hour
  npm run bench -- workloads --only sort --runs 1  a quick look
  npm run bench -- --images build/embench --json   your own images, for a tool

Exit code: 0, or 1 when something could not be run. A promise that is missed is said, and is no failure: machines differ.`,
  )
  .action(async (names: readonly string[], { json = false, limit, ...options }: CommandOptions) => {
    const parts = chosenParts(names, options.images !== undefined, json);
    process.exitCode = await runParts(parts, { ...options, limit: limit * 1000 }, json);
  });

function chosenParts(names: readonly string[], hasImages: boolean, json: boolean): readonly Part[] {
  const unknown = names.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined)
    program.error(
      `error: no part is named ${unknown}; there are ${PARTS.map(({ name }) => name).join(', ')}`,
    );
  if (names.includes('images') && !hasImages) program.error('error: images needs --images DIRECTORY');
  const wanted = names.length > 0 ? names : hasImages ? ['images'] : PARTS.map(({ name }) => name);
  const parts = PARTS.filter(({ name, compares }) => wanted.includes(name) && (compares || !json));
  if (parts.length === 0)
    program.error(`error: ${names.join(', ')} has no peers, so there are no ratios for --json`);
  return parts;
}

/** @returns the exit code */
async function runParts(parts: readonly Part[], options: Options, json: boolean): Promise<number> {
  const say = (text: string): void => void (json ? process.stderr : process.stdout).write(`${text}\n`);
  setPolicy(options.policy);
  const comparisons: ComparisonWithCosts[] = [];
  let exitCode = 0;
  let runner: BuiltRunner | undefined;
  const bench: Bench = {
    options,
    testvisor: async () => (runner ??= await testvisorRunner(options.policy, options.ram)),
    peers: () => installedPeers(options.peers),
    measured: (measurement) => say(measurementText(measurement)),
    compared: (comparison) => {
      comparisons.push(comparison);
      say(comparisonText(comparison));
      if (json) process.stdout.write(`${comparisonJson(comparison)}\n`);
    },
    leftOut: (why) => process.stderr.write(`left out: ${why}\n`),
    failed: (what) => {
      process.stderr.write(`failed: ${what}\n`);
      exitCode = 1;
    },
  };
  try {
    for (const part of parts) {
      comparisons.length = 0;
      try {
        await part.run(bench);
      } catch (error) {
        bench.failed(`${part.name}: ${(error as Error).message}`);
      }
      for (const mean of geometricMeans(comparisons)) {
        say(meanText(mean));
        if (json && part.name === 'images') process.stdout.write(`${comparisonJson(mean)}\n`);
      }
    }
  } finally {
    runner?.remove();
  }
  return exitCode;
}

void program.parseAsync();
