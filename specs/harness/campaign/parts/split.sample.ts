/** @testvisor-split-campaigns */
import { campaign, type CampaignReport, faultSpace, us } from 'testvisor';
import { sorterCampaign } from '../sorter';

const run = (register: string): Promise<CampaignReport> =>
  campaign({
    ...sorterCampaign({ space: faultSpace.registers({ vm: 'sorter', registers: [register], bits: [1, 3] }) }),
    name: `flips of ${register}`,
  });
let data: CampaignReport;
let stack: CampaignReport;
beforeAll(async () => {
  data = await run('a5');
  stack = await run('sp');
});

test('what holds of the whole', () => {
  expect(data).toBeComplete();
  expect(data).toHaveNo('isolation-breach');
  expect(data).toHaveRateBelow('failure', 0.99);
  expect(data).not.toHaveNo('silent-data-corruption');
  expect(stack).toHaveFewer('silent-data-corruption', { than: data });
});

test('what does not hold of the whole, and no part knows', () => {
  expect(data).toHaveRateBelow('failure', 0.001);
  expect(data).not.toHaveNo('isolation-breach');
  expect(data).toRecoverWithin(us(1));
});

test('what does not hold of a part already', () => {
  expect(data).toHaveNo('failure');
});
