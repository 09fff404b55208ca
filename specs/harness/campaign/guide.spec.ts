/** The first campaign of docs/campaigns.md is carried out as it stands there, and says what stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runInNewContext } from 'node:vm';
import * as testvisor from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';

jest.setTimeout(60_000);

const page = readFileSync(join(__dirname, '../../../docs/campaigns.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code!);
/** Modules as scripts: what they import is there. */
const script = (code: string): string =>
  code.replace(/^import .*$/gm, '').replace(/^export const /gm, 'var ');

const [definition, spec] = blocks('ts');
const [said] = blocks('text');

test('the first campaign, and what is expected of it', async () => {
  const scope: Record<string, unknown> = {
    ...testvisor,
    trainControl,
    __filename: 'registers.campaign.ts',
    expect,
  };
  const tests: (() => Promise<void>)[] = [];
  runInNewContext(script(definition!), scope);
  runInNewContext(script(spec!), {
    ...scope,
    test: (_: string, body: () => Promise<void>) => tests.push(body),
  });
  expect(tests).toHaveLength(1);
  await tests[0]!();

  const report = await testvisor.campaign(scope['registers'] as testvisor.CampaignDefinition);
  let message = '';
  try {
    expect(report).toHaveNo('silent-data-corruption');
  } catch (error) {
    ({ message } = error as Error);
  }
  // Paths and JSON are shortened there.
  const plain = stripVTControlCharacters(message).replaceAll('fixtures/train-control/', '');
  const lines = said!.split('\n').filter((line) => line !== '' && !line.includes('…'));
  for (const line of lines) expect(plain).toContain(line.split(', campaign')[0]!.trim());
});
