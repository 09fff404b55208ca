/** An exhaustive campaign that is done on every push: all registers of the train's control cycle, on two cores. */
import { join, relative } from 'node:path';
import { type CampaignDefinition, type InjectionResult, ms, runCampaign } from 'testvisor';
import { controlCycle } from './control-cycle';

/** What is promised of it. */
jest.setTimeout(120_000);

test('every flip in the train’s registers in a control cycle is known, and keeps to the train', async () => {
  const results: InjectionResult[] = [];
  const { summary, isDone } = await runCampaign({
    file: relative(process.cwd(), join(__dirname, 'control-cycle.ts')),
    definition: controlCycle as unknown as CampaignDefinition,
    workers: 2,
    onResult: (result) => results.push(result),
  });
  expect(isDone).toBe(true);
  expect(summary).toBeComplete();
  // One injection for each class, and the classes are the whole space: 31 registers of 32 bits before each instruction.
  expect(results.reduce((sum, { weight }) => sum + weight, 0)).toBe(summary.spaceSize);
  const classes = results.filter(({ known }) => known === 'pruned');
  expect(classes.length).toBeGreaterThan(results.length / 4);

  for (const outcome of ['isolation-breach', 'deadline-miss', 'hang', 'timeout'] as const)
    expect(summary).toHaveNo(outcome);
  // Exact shares, not estimates: a wrong brake command that nobody notices is what the controller must answer for.
  expect(summary).toHaveRateBelow('undetected-failure', 0.02);
  // The next period's job is the first that a restarted controller does.
  expect(summary).toRecoverWithin(ms(10));
});
