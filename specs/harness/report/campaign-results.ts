/** Results of a campaign that has a bit of everything, as a report shows them. */
import type { InjectionResult, Outcome } from 'testvisor';
import { head, result } from '../campaign/made-up-results';

export const FUNCTIONS = ['decide', 'read_speed', 'send_brake', 'crc32', 'main', 'memcpy'];
const REGISTERS = ['ra', 'sp', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 's0', 's1', 't0', 't1'];
const SYMBOLS = ['state', 'limits', 'history'];
const OUTCOMES: readonly Outcome[] = [
  'masked-dead',
  'masked-dead',
  'masked-latent',
  'trap',
  'masked-dead',
  'detected-recovered',
  'silent-data-corruption',
  'masked-dead',
  'hang',
  'masked-dead',
  'detected-corrected',
  'masked-latent',
  'fail-stop',
  'masked-dead',
  'not-activated',
];

/** 1,200 injections, the same every time. */
export const campaignResults: readonly InjectionResult[] = Array.from({ length: 1200 }, (_, index) => {
  const mixed = Math.imul(index + 1, 2_654_435_761) >>> 0;
  const name = FUNCTIONS[mixed % FUNCTIONS.length]!;
  // Later functions of the list are less vulnerable.
  const isSpared = (mixed >>> 8) % (FUNCTIONS.length + 2) <= FUNCTIONS.indexOf(name);
  const outcome = isSpared ? 'masked-dead' : OUTCOMES[(mixed >>> 12) % OUTCOMES.length]!;
  const isMemory = index % 4 === 3;
  const line = 20 + ((mixed >>> 5) % 9);
  const isBenign =
    outcome.startsWith('masked') || outcome === 'not-activated' || outcome.startsWith('detected');
  return result(index, outcome, {
    function: name,
    register: isMemory ? null : REGISTERS[(mixed >>> 16) % REGISTERS.length]!,
    symbol: isMemory ? SYMBOLS[(mixed >>> 16) % SYMBOLS.length]! : null,
    bit: (mixed >>> 20) % (isMemory ? 8 : 32),
    weight: 1 + (mixed % 40),
    known: isSpared ? 'pruned' : outcome === 'masked-dead' ? 'converged' : 'ran',
    cause: isBenign ? '' : `${outcome}: <wrong> & late in ${name}() (train.c:${line})`,
    recoveryTime: outcome === 'detected-recovered' ? 180_000 + (mixed % 50) * 1000 : null,
    ...(isBenign
      ? {}
      : {
          divergence: {
            vm: 'train',
            at: 120_000_000 + index * 1000,
            pc: 0x8000_0400 + index * 4,
            function: name,
            file: 'train.c',
            line,
            instruction: 'lw a0, 8(sp)',
            what: 'a0 was 0x137 instead of 0x136',
            by: 'instruction',
          },
          bystanders:
            outcome === 'hang'
              ? [
                  {
                    vm: 'ui',
                    impact: 'late' as const,
                    lateBy: 1_500_000,
                    missedDeadlines: 2,
                    isReachable: true,
                  },
                ]
              : [],
        }),
    properties: [
      { vm: 'train', property: 'always', name: 'speed fits', held: true, failed: outcome === 'hang' },
      { vm: 'ui', property: 'sometimes', name: 'shows an alarm', held: index === 700, failed: false },
    ],
  });
});

const spaceSize = campaignResults.reduce((sum, { weight }) => sum + weight, 0);

export const campaignHead = head({
  name: 'Train control: registers and state',
  file: 'campaigns/train-control.ts',
  plan: 'exhaustive over registers of train and RAM of train (state, limits, history)',
  identity: 'b4f1c9d27e60a853',
  spaceSize,
  planned: campaignResults.length,
});
