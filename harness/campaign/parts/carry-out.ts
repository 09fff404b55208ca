/** A part of a campaign, in this process: what is stored already is not run again. */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CampaignReport } from '../campaign';
import type { OpenCampaign } from '../contract';
import type { CampaignHead, InjectionResult } from '../result';
import { indexesOf } from '../run/shard';
import { CampaignStore } from '../store/store';
import { Summarizer } from '../summary';
import { forgetExpectations } from './expectations';
import type { CampaignPart } from './part';

/** Enough of an identity for a file's name. */
const DIGITS = 12;

/** @throws AuthorError like `CampaignStore.open` */
export async function carryOutPart(open: OpenCampaign, part: CampaignPart): Promise<CampaignReport> {
  const { head } = open;
  const { number, count, folder } = part;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, nameOf(head));
  forgetExpectations(file);
  const store = await CampaignStore.open(file, head);
  try {
    const summarizer = new Summarizer(head);
    const results: InjectionResult[] = [];
    for (const index of indexesOf(head.planned, part))
      if (!store.done.has(index)) await store.append(open.run(index));
    for await (const result of store.results()) {
      results.push(result);
      summarizer.add(result);
    }
    process.stderr.write(
      `campaign “${head.name}”: part ${number} of ${count}, ${results.length} of ${head.planned} injections, in ${relative(process.cwd(), file)}\n`,
    );
    return { ...summarizer.summary(), part: { number, count, store: file }, results };
  } finally {
    await store.close();
  }
}

/** The same in every shard, and another for every campaign: `registers-of-the-train-0123456789ab.duckdb`. */
const nameOf = ({ name, identity }: CampaignHead): string =>
  `${name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}-${identity.slice(0, DIGITS)}.duckdb`;
