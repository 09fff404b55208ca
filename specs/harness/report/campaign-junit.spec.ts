/** A campaign as JUnit: what nobody noticed has failed. */
import { campaignJUnit, summarize } from 'testvisor';
import { head, result, results } from '../campaign/made-up-results';

test('undetected failures fail, detected ones pass, errors are errors', () => {
  const xml = campaignJUnit(
    summarize(head({ planned: 20 }), [
      ...results({ hang: 2, trap: 1, 'masked-dead': 1 }),
      result(4, 'harness-error', { cause: 'the oracle threw: \u0007 <x> & "y"', divergence: null }),
      result(5, 'masked-dead', {
        properties: [{ vm: 'train', property: 'always', name: 'fits', held: true, failed: true }],
      }),
    ]),
  );
  expect(xml).toMatchSnapshot();
});
