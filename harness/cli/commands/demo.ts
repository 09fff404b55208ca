import { Command } from 'commander';
import { ms } from '../../../platform/units';
import { faults } from '../../faults/faults';
import { isUndisturbed, hasRestarted } from '../../jest/matchers/life';
import { meetsDeadline } from '../../jest/matchers/timing';
import type { Verdict } from '../../jest/matchers/verdict';
import { boot } from '../../machine/boot';
import { message } from '../../machine/event-pattern';
import { over } from '../../messages/payload';
import { packageModule } from '../../package-files';
import type { DefinedSystem } from '../../system/define-system';
import { storyOf } from '../../report/story/story';
import { loadSystem } from '../load-system';

const SYSTEM = packageModule('fixtures/train-control/system');
const CRASH_AT = ms(120);
const LENGTH = ms(200);
const SEED = 7;

/** `testvisor demo`: what `npm start` shows. */
export const demoCommand = (): Command =>
  new Command('demo')
    .description(
      'Train control: three VMs, a sensor that crashes, and brakes that come in time all the same.',
    )
    .action(async () => {
      const system: DefinedSystem<string> = await loadSystem(SYSTEM);
      const machine = await boot(system, { seed: SEED });
      machine.inject(faults.crash({ vm: 'sensor', at: CRASH_AT }));
      await machine.runTo(LENGTH);
      const vm = (name: string) => ({ is: 'vm' as const, run: machine, name });
      const verdicts: readonly Verdict[] = [
        meetsDeadline(
          { is: 'machine', run: machine },
          { from: message('speed', { kmh: over(300) as unknown }), to: message('brake'), within: ms(5) },
        ),
        hasRestarted(vm('sensor'), { times: 1, within: ms(1) }),
        isUndisturbed(vm('train')),
        isUndisturbed(vm('ui')),
      ];
      const width = process.stdout.columns;
      process.stdout.write(
        `${storyOf(machine, {
          title: 'Train control: the sensor VM crashes at 120 ms, the train passes 300 km/h soon after',
          verdicts,
          digest: machine.digest,
          ...(width === undefined ? {} : { width }),
        })}\n`,
      );
      machine.dispose();
      process.exitCode = verdicts.every(({ pass }) => pass) ? 0 : 1;
    });
