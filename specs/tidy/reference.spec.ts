import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from '../../docs/reference';

const DOCS = join(__dirname, '..', '..', 'docs');

test.each(Object.entries(referencePages()))(
  'docs/%s is what the tables say (else: npm run docs)',
  (name, text) => {
    expect(readFileSync(join(DOCS, name), 'utf8')).toBe(text);
  },
);
