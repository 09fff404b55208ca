/** What the process translates when the same code comes again, and how large translated code is. */
import { boot, defineSystem, faults, kib, loadImage, ms, us, type Nanoseconds } from 'testvisor';
import type { Measurement } from '../measurement';
import { compiledModules } from './compiled-modules';
import { buildEndless, withDirectory } from './firmware';

const LENGTH = ms(2000);

export const translatedOnce = (): Promise<readonly Measurement[]> =>
  withDirectory(async (directory) => {
    const image = await buildEndless('calls', directory);
    const system = defineSystem({
      vms: { guest: { image, profile: 'machine', ram: kib(256), onFault: { restart: 'cold' } } },
    });
    const first = await boot(system);
    const { count, bytes } = await compiledModules(() => first.runFor(LENGTH));
    const again = async (name: string, machine: typeof first): Promise<Measurement> => ({
      name: `modules compiled for ${name}`,
      value: (await compiledModules(() => machine.runFor(LENGTH))).count,
      unit: 'modules',
      runs: 1,
      promise: { is: 'at most', value: 0 },
    });
    const [second, fork] = [await boot(system), first.fork()];
    const measurements = [
      { name: 'modules compiled for a first boot', value: count, unit: 'modules', runs: 1 },
      await again('a second boot', second),
      await again('a fork', fork),
    ];
    first.inject(faults.crash({ vm: 'guest', at: (first.now + us(1)) as Nanoseconds }));
    measurements.push(await again('a restart', first));
    for (const machine of [first, second, fork]) machine.dispose();
    const size = bytes / instructionsOf(image);
    return [
      ...measurements,
      {
        name: 'WebAssembly compiled, for each instruction of the guest',
        value: size,
        unit: 'bytes',
        runs: 1,
      },
    ];
  });

/** Instructions of an image's code. */
function instructionsOf(path: string): number {
  const code = loadImage(path).segments[0]!.bytes;
  let count = 0;
  for (let at = 0; at < code.length; count++) at += (code[at]! & 3) === 3 ? 4 : 2;
  return count;
}
