/**
 * What hardening a guest gains, and what it costs: campaigns over one computation as one would write it, with its state
 * voted on, and with its path checked. They are compared by faults of the whole space that lead to a failure, since a
 * share flatters the variant that runs longer (Schirmeier et al., DSN 2015).
 */
import {
  campaign,
  type CampaignReport,
  type CampaignSummary,
  defineCampaign,
  defineSystem,
  type FaultSpace,
  faultSpace,
  kib,
  mark,
  ms,
  type Outcome,
} from 'testvisor';

const VARIANTS = {
  plain: '../../fixtures/hardened/plain.elf',
  voted: '../../fixtures/hardened/voted.elf',
  checked: '../../fixtures/hardened/checked.elf',
} as const;
type Variant = keyof typeof VARIANTS;

jest.setTimeout(60_000);

const run = (variant: Variant, space: FaultSpace): Promise<CampaignReport> =>
  campaign(
    defineCampaign({
      name: variant,
      system: defineSystem({ vms: { guest: { image: VARIANTS[variant], ram: kib(64) } } }),
      prepare: async (machine) => void (await machine.runUntil(mark('begin'), { atMost: ms(1) })),
      workload: { until: (machine) => machine.vm('guest').halted(), atMost: ms(1) },
      oracle: ({ trace }) =>
        trace.flatMap((event) => (event.kind === 'mark' && event.name === 'result' ? [event.value] : [])),
      space,
    }),
  );

/** Faults of the whole space that lead to it. */
const countOf = ({ outcomes }: CampaignSummary, outcome: Outcome): number =>
  outcomes.find((candidate) => candidate.outcome === outcome)?.weight ?? 0;

describe('flips of every bit of the state, before every instruction', () => {
  const state = faultSpace.ram({ vm: 'guest', symbols: ['state'] });
  const reports = {} as Record<Variant, CampaignReport>;
  beforeAll(async () => {
    for (const variant of Object.keys(VARIANTS) as Variant[]) reports[variant] = await run(variant, state);
  });

  test('corrupt the result of the plain program, which does not notice', () => {
    expect(reports.plain).toBeComplete();
    expect(countOf(reports.plain, 'silent-data-corruption')).toBeGreaterThan(1000);
    expect(countOf(reports.plain, 'detected-corrected')).toBe(0);
  });

  test('never corrupt that of the program that votes, though it has three times the memory to hit for longer', () => {
    expect(reports.voted).toBeComplete();
    expect(reports.voted.spaceSize!).toBeGreaterThan(3 * reports.plain.spaceSize!);
    expect(reports.voted).toHaveNo('failure');
    expect(reports.voted).toHaveFewer('failure', { than: reports.plain });
    expect(countOf(reports.voted, 'detected-corrected')).toBeGreaterThan(1000);
  });

  test('corrupt that of the program that checks its path more often: its state is there to be hit for longer', () => {
    expect(reports.plain).toHaveFewer('silent-data-corruption', { than: reports.checked });
  });
});

describe('flips of low bits of the pc, before every instruction: jumps to somewhere near', () => {
  const jumps = faultSpace.pc({ vm: 'guest', bits: [1, 3, 5] });
  const reports = {} as Record<'plain' | 'checked', CampaignReport>;
  beforeAll(async () => {
    for (const variant of ['plain', 'checked'] as const) reports[variant] = await run(variant, jumps);
  });

  test('corrupt the result of the program that checks its path less often, though it runs longer', () => {
    for (const variant of ['plain', 'checked'] as const) expect(reports[variant]).toBeComplete();
    expect(reports.checked.spaceSize!).toBeGreaterThan(reports.plain.spaceSize!);
    expect(reports.checked).toHaveFewer('silent-data-corruption', { than: reports.plain });
    expect(countOf(reports.checked, 'fail-stop')).toBeGreaterThan(3 * countOf(reports.plain, 'fail-stop'));
  });
});
