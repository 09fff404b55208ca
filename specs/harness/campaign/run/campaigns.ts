/** Campaigns as users write them: a module that the command line and workers load. */
import { isMainThread } from 'node:worker_threads';
import { faultSpace, sample } from 'testvisor';
import { sorterCampaign } from '../sorter';

const registers = (bits: readonly number[]) =>
  faultSpace.registers({ vm: 'sorter', registers: ['sp', 's0'], bits: [...bits] });
const space = registers([0, 1, 2, 3, 7]);

export const saved = { ...sorterCampaign({ space }), name: 'saved registers' };

export const sampled = {
  ...sorterCampaign({ space, plan: sample({ margin: 0.09 }), seed: 3 }),
  name: 'sample',
};

export const few = { ...saved, name: 'few', space: registers([2]) };

const DEADLY = 18_640;
/** Ends its thread at one of the injections, as a bug of ours might. */
export const deadly = {
  ...few,
  name: 'deadly',
  oracle: (...[machine]: Parameters<NonNullable<typeof saved.oracle>>) => {
    const crc = saved.oracle!(machine);
    const fired = machine.trace.find((event) => event.kind === 'fault-injected');
    if (!isMainThread && fired !== undefined && fired.at === DEADLY) process.exit(3);
    return crc;
  },
};

/** Takes its time: 5 ms for each injection. */
export const slow = {
  ...saved,
  name: 'slow',
  oracle: (...[machine]: Parameters<NonNullable<typeof saved.oracle>>) => {
    for (const end = Date.now() + 5; Date.now() < end;);
    return saved.oracle!(machine);
  },
};

/** The same, though memory that the guest does not use is not. */
export const otherMemory = {
  ...few,
  name: 'other memory',
  prepare: async (...[machine]: Parameters<NonNullable<typeof saved.oracle>>): Promise<void> =>
    machine.vm('sorter').write(0x8000_f000, Uint8Array.of(isMainThread ? 1 : 2)),
};

let opened = 0;
/** Another campaign each time it is loaded. */
export const unsteady = { ...saved, name: 'unsteady', seed: isMainThread ? 1 : 2 + opened++ };
