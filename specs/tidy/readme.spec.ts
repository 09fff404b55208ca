import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TOP = join(__dirname, '..', '..');

test('the README’s example is a spec that runs: specs/readme/readme.spec.ts', () => {
  const example = readFileSync(join(TOP, 'specs', 'readme', 'readme.spec.ts'), 'utf8');
  expect(readFileSync(join(TOP, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
});
