/** A program of its own: `longest-stop.ts IMAGE POLICY` prints the most milliseconds that 100 µs of a guest took. */
import { boot, defineSystem, kib, us } from 'testvisor';
import { busyMilliseconds } from '../measurement';
import { setPolicy, type Policy } from '../policy';

const SLICE = us(100);
/** 300 ms of virtual time. */
const SLICES = 3000;

async function main([image, policy]: readonly string[]): Promise<void> {
  setPolicy(policy as Policy);
  const machine = await boot(
    defineSystem({ vms: { guest: { image: image!, profile: 'machine', ram: kib(256) } } }),
  );
  // The very first is that of `boot` and of the interpreter, which is made then.
  await machine.runFor(SLICE);
  let longest = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    longest = Math.max(longest, await busyMilliseconds(() => machine.runFor(SLICE)));
  }
  machine.dispose();
  process.stdout.write(`${longest}\n`);
}

void main(process.argv.slice(2));
