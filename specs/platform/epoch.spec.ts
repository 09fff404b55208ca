import fc from 'fast-check';
import { DEFAULT_EPOCH, secondsSinceUnixEpoch } from '../../platform/epoch';

test('every moment counts as many seconds as the host’s calendar says', () => {
  const first = new Date('1970-01-01T00:00:00Z');
  const last = new Date('9999-12-31T23:59:59Z');
  fc.assert(
    fc.property(fc.date({ min: first, max: last, noInvalidDate: true }), (date) => {
      const text = date.toISOString().replace(/\.\d+Z$/, 'Z');
      expect(secondsSinceUnixEpoch(text)).toBe(Math.floor(date.getTime() / 1000));
    }),
    { numRuns: 1000 },
  );
  expect(secondsSinceUnixEpoch('2000-02-29T00:00:00Z')).toBe(951_782_400);
  expect(secondsSinceUnixEpoch(DEFAULT_EPOCH)).toBe(1_735_689_600);
});

test.each([
  'yesterday',
  '2025-01-01',
  '2025-01-01T00:00:00+01:00',
  '2025-13-01T00:00:00Z',
  '2025-00-01T00:00:00Z',
  '2025-04-31T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2025-01-00T00:00:00Z',
  '2025-01-01T24:00:00Z',
  '2025-01-01T00:60:00Z',
  '2025-01-01T00:00:60Z',
  '1969-12-31T23:59:59Z',
])('%s is no epoch', (text) => {
  expect(secondsSinceUnixEpoch(text)).toBeUndefined();
});
