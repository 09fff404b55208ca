/** `npm run docs`: writes the reference. A spec fails when it is stale. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from '.';

for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(__dirname, '..', name), text);
