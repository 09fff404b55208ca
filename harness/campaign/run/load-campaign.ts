/** Campaigns come from modules, so that workers and other machines can load the same. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '../../import-module';
import { AuthorError } from '../../author-error';
import type { CampaignDefinition } from '../contract';

/**
 * The campaign that a module exports: the only one, or the one that is named.
 * @throws AuthorError `bad-campaign`
 */
export async function loadCampaign(file: string, name?: string): Promise<CampaignDefinition> {
  const path = resolve(file);
  if (!existsSync(path)) throw bad(file, 'there is no such file.', 'Give the path of a module.');
  const module = await loaded(path);
  const exported = { ...(module['default'] as object | undefined), ...module };
  const campaigns = [...new Set(Object.values(exported).filter(isCampaign))];
  const found = name === undefined ? campaigns : campaigns.filter((one) => one.name === name);
  const [campaign] = found;
  const names = campaigns.map((one) => `“${one.name}”`).join(', ');
  if (campaign === undefined)
    throw bad(
      file,
      name === undefined || campaigns.length === 0
        ? 'it exports no campaign.'
        : `it exports no campaign “${name}”.`,
      campaigns.length === 0
        ? 'Write: export const registers = defineCampaign({ … });'
        : `There is ${names}.`,
    );
  if (found.length > 1) throw bad(file, `it exports ${names}.`, 'Name one: --name.');
  return campaign;
}

/** As CommonJS where that is possible: Jest, and loaders of TypeScript in threads, know nothing else. */
async function loaded(path: string): Promise<Record<string, unknown>> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above.
    return require(path) as Record<string, unknown>;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ERR_REQUIRE_ESM' && code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return (await importModule(pathToFileURL(path).href)) as Record<string, unknown>;
  }
}

const isCampaign = (value: unknown): value is CampaignDefinition =>
  typeof value === 'object' &&
  value !== null &&
  ['name', 'system', 'workload', 'space'].every((key) => key in value);

const bad = (file: string, what: string, mend: string): AuthorError =>
  new AuthorError({ code: 'bad-campaign', where: `campaign ${file}`, what, mend });
