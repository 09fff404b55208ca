/**
 * Injections after which guests go round in circles lead to the same as where they are interrupted so often that no round
 * is left out.
 */
import { join } from 'node:path';
import {
  campaign,
  defineSystem,
  faults,
  faultSpace,
  type InjectionResult,
  kib,
  loadImage,
  ms,
  ns,
  us,
} from 'testvisor';
import { Spending } from '../../../hypervisor/hart/spending';

jest.setTimeout(60_000);

const SYSTEM = defineSystem({
  vms: { sorter: { image: '../../../fixtures/sorter/sorter.elf', ram: kib(64) } },
});
const { address: MAIN } = loadImage(join(__dirname, '../../../fixtures/sorter/sorter.elf')).symbols.get(
  'main',
);
const WITHIN = ms(3);
/** 15,000 cycles: less than a hart looks for rounds in. */
const OFTEN = us(150);
/** `c.addi s7, 1`, and a jump back to it. */
const COUNTS = 0xbffd_0b85;
const JUMPS = 0x0000_006f;

/** Instructions of main(), in its loops. */
const IN_LOOPS = [0x4a, 0x78, 0xbe, 0xc4];

const loopsAt = (offset: number, value: number) =>
  faults.overwrite({ vm: 'sorter', address: MAIN + offset, value });

const run = (isInterrupted: boolean, earlyStop: boolean) =>
  campaign({
    name: 'rounds',
    system: SYSTEM,
    workload: {
      until: (machine) => machine.vm('sorter').halted(),
      atMost: WITHIN,
      stimuli: Array.from({ length: isInterrupted ? Math.floor(WITHIN / OFTEN) : 0 }, (_, number) => ({
        at: ns(number * OFTEN),
        act: () => undefined,
      })),
    },
    oracle: ({ trace }) =>
      trace.flatMap((event) => (event.kind === 'mark' && event.name === 'crc' ? [event.value] : [])),
    space: faultSpace.moments({
      every: us(3),
      faults: IN_LOOPS.flatMap((offset) => [loopsAt(offset, JUMPS), loopsAt(offset, COUNTS)]),
    }),
    shortcuts: { pruning: false, earlyStop },
  });

const seen = ({ index, outcome, cause, firedAt, recoveryTime, divergence }: InjectionResult) => ({
  ...{ index, outcome, cause, firedAt, recoveryTime, divergence },
});

test.each([true, false])('injections lead to the same, with early stop: %s', async (earlyStop) => {
  const rounds = jest.spyOn(Spending.prototype, 'pass');
  const interrupted = await run(true, earlyStop);
  expect(rounds).not.toHaveBeenCalled();
  const whole = await run(false, earlyStop);
  expect(rounds).toHaveBeenCalled();
  rounds.mockRestore();
  expect(whole.results.map(seen)).toEqual(interrupted.results.map(seen));
});
