/**
 * `npm run fuzz`: random guests, translated and interpreted, until something differs or the time is over; with
 * `--planted`, how many guests it takes to find each of the bugs that are planted into the translator.
 */
import { Command, InvalidArgumentError } from 'commander';
import { tryGuest } from './fuzz';
import { PLANTED_BUGS } from './planted-bugs';

/** Guests that a planted bug may survive, and the time that one may take: a bug that makes a guest hang is found, too. */
const MOST_GUESTS = 400;
const LONGEST_GUEST = 60_000;
/** One guest of each XLEN and cost table, so that the interpreters are made before a bug is planted. */
const WARM_UP = [0, 1, 4, 5, 12, 13];

const count = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
};

function hunt(first: number, guests: number): number {
  for (let seed = first; seed < first + guests; seed++) {
    const finding = tryGuest(seed);
    if (finding === undefined) continue;
    console.log(`seed ${finding.seed} (${finding.guest}): ${finding.difference.slice(0, 2000)}`);
    console.log(`again: npm run fuzz -- --seed ${finding.seed} --guests 1`);
    return 1;
  }
  console.log(`${guests} guests, from seed ${first}: no difference`);
  return 0;
}

/** In a process of its own: plants one bug, and exits with 0 when it was found. */
function findPlanted(number: number, first: number): number {
  for (const seed of WARM_UP) tryGuest(seed);
  PLANTED_BUGS[number]!.plant();
  for (let guest = 0; guest < MOST_GUESTS; guest++) {
    const finding = tryGuest(first + guest);
    console.log(`guest ${guest + 1}${finding === undefined ? '' : `, ${finding.guest}`}`);
    if (finding !== undefined) return 0;
  }
  return 1;
}

async function findAllPlanted(first: number, only: string | undefined): Promise<number> {
  const { execa } = await import('execa');
  let survivors = 0;
  for (const [number, { name }] of PLANTED_BUGS.entries()) {
    if (only !== undefined && !name.includes(only)) continue;
    const hunting = execa(
      process.execPath,
      [...process.execArgv, __filename, '--seed', String(first), '--one', String(number)],
      { reject: false },
    );
    const timer = setTimeout(() => hunting.kill('SIGKILL'), LONGEST_GUEST);
    hunting.stdout.on('data', () => timer.refresh());
    const { isTerminated, exitCode, stdout } = await hunting;
    clearTimeout(timer);
    const how = isTerminated ? 'it hangs' : exitCode === 0 ? stdout.split('\n').at(-1) : undefined;
    console.log(
      `${how === undefined ? 'NOT FOUND' : 'found'}  ${name}${how === undefined ? '' : `: ${how}`}`,
    );
    if (how === undefined) survivors++;
  }
  console.log(`${survivors} of ${PLANTED_BUGS.length} planted bugs were not found`);
  return survivors === 0 ? 0 : 1;
}

interface Options {
  readonly seed: number;
  readonly guests: number;
  readonly planted?: string | true;
  readonly one?: number;
}

const { seed, guests, planted, one } = new Command('fuzz')
  .description('Runs random guests translated and interpreted, and compares at every stop.')
  .option('--seed <number>', 'the first guest', count, 1)
  .option('--guests <number>', 'how many', count, 200)
  .option(
    '--planted [name]',
    'plants bugs into the translator, one at a time, and looks whether they are found',
  )
  .option('--one <number>', 'plants this bug alone and ends with 0 when it is found', count)
  .parse()
  .opts<Options>();

async function main(): Promise<number> {
  if (one !== undefined) return findPlanted(one, seed);
  if (planted !== undefined) return findAllPlanted(seed, planted === true ? undefined : planted);
  return hunt(seed, guests);
}

void main().then((code) => (process.exitCode = code));
