/** How much host time a guest takes for each round of the loop that it counts in its variable `rounds`. */
import { loadImage, ms, type TestMachine } from 'testvisor';
import { busyMilliseconds, median } from '../measurement';

const WARM_UP = 3;

/**
 * Nanoseconds of processor time, the median of `runs` stretches of virtual time.
 * @throws Error when the guest has stopped counting
 */
export async function nanosecondsPerRound<Name extends string>(
  machine: TestMachine<Name>,
  vm: Name,
  image: string,
  runs: number,
  stretch = ms(100),
): Promise<number> {
  const counter = loadImage(image).symbols.get('rounds').address;
  const guest = machine.vm(vm);
  const rounds = (): number => new DataView(guest.read(counter, 4).slice().buffer).getUint32(0, true);
  const times: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    const before = rounds();
    const time = await busyMilliseconds(() => machine.runFor(stretch));
    const done = rounds() - before;
    if (done === 0) throw new Error(`${vm} has stopped: ${guest.state.is}`);
    if (run >= 0) times.push((time * 1e6) / done);
  }
  return median(times);
}
