import { VirtualCode } from '../../../../hypervisor/engine/translator/virtual-code';
import { tryGuest } from './fuzz';
import { PLANTED_BUGS } from './planted-bugs';

const seeds = Array.from({ length: 24 }, (_, seed) => seed);

it('finds no difference between random guests translated and interpreted', () => {
  const announce = jest.spyOn(VirtualCode.prototype, 'announce');
  expect(seeds.flatMap((seed) => tryGuest(seed) ?? [])).toEqual([]);
  expect(announce.mock.results.filter(({ value }) => value === true).length).toBeGreaterThan(100);
  announce.mockRestore();
});

// The last spec of the file: the bug stays planted.
it('finds a bug that is planted', () => {
  PLANTED_BUGS.find(({ name }) => name === 'a cycle too much is paid')!.plant();
  expect(seeds.some((seed) => tryGuest(seed + 1000) !== undefined)).toBe(true);
});
