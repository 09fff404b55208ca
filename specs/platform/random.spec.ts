import { Random } from '../../platform/random';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

test('follows the reference implementation of xoshiro128**', () => {
  const random = new Random(0);
  random.restore([1, 2, 3, 4]);
  expect(draw(random, 4)).toEqual([11520, 0, 5927040, 70819200]);
});

test('the same seed gives the same numbers, another seed others', () => {
  expect(draw(new Random(7), 8)).toEqual(draw(new Random(7), 8));
  expect(draw(new Random(7), 8)).not.toEqual(draw(new Random(8), 8));
  expect(draw(new Random(7), 8)).not.toEqual(draw(new Random(7 + 2 ** 32), 8));
});

test('continues where it was saved', () => {
  const random = new Random(1);
  draw(random, 3);
  const saved = random.save();
  const following = draw(random, 5);
  random.restore(saved);
  expect(draw(random, 5)).toEqual(following);
});

test('draws evenly below a limit', () => {
  const random = new Random(3);
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 6000; i += 1) counts[random.below(6)]! += 1;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
});

test.each([-1, 0.5, 2 ** 53])('refuses the seed %d', (seed) => {
  expect(() => new Random(seed)).toThrow('A seed is a whole number from 0 to 2^53 - 1');
});
test.each([0, 2 ** 33, 1.5])('refuses the limit %d', (limit) => {
  expect(() => new Random(1).below(limit)).toThrow('A limit is a whole number from 1 to 2^32');
});
