import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGES, ROOT } from '../../fixtures/inputs';
import { readManifest, staleness } from '../../fixtures/manifest';
import { FIXTURES } from '../../fixtures/programs';

const manifest = readManifest();

test('every committed image and header is what its sources give; else run `npm run fixtures`', () => {
  expect(staleness(manifest)).toEqual([]);
});

test('images name no path of the machine they were built on', () => {
  for (const { path } of IMAGES) {
    const image = readFileSync(join(ROOT, 'fixtures', path)).toString('latin1');
    expect([path, image.match(/\/(work|home|root|tmp|usr|builds)\/[\w/.-]*/)?.[0]]).toEqual([
      path,
      undefined,
    ]);
  }
});

describe.each(['rv32', 'rv64'])('on %s the C compiler agrees about', (xlen) => {
  const messages = FIXTURES.flatMap(({ name, messages = [] }) =>
    messages.map((message) => [`${name} ${message.name}`, message] as const),
  );
  test.each(messages)('%s', (name, { size, alignment, fields }) => {
    const offsets = Object.fromEntries(fields.map((field) => [field.name, field.offset]));
    expect(manifest.structs[xlen]?.[name]).toEqual({ size, alignment, offsets });
  });
});
