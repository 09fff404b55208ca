/** A campaign’s report as one HTML file that loads nothing: what an engineer reads, and an assessor keeps. */
import { HeatMaps } from '../../../campaign/heat-maps';
import type { CampaignHead, CampaignSummary, InjectionResult } from '../../../campaign/result';
import { DEFAULT_CONFIDENCE, Summarizer } from '../../../campaign/summary';
import { countText } from '../number-text';
import { html } from './html';
import { figuresSection, methodSection, warning } from './method';
import { groupsSection, mapsSection, outcomesSection, propertiesSection, tiles } from './results';
import { STYLE } from './style';

export interface PageOptions {
  /** What intervals hold with. Default 0.95. */
  readonly confidence?: number;
  /** How many injections were needed, where the campaign stopped early. */
  readonly planned?: number;
}

/** Takes results one at a time, as a store has them. */
export class CampaignPage {
  readonly #summarizer: Summarizer;
  readonly #maps = new HeatMaps();

  constructor(head: CampaignHead) {
    this.#summarizer = new Summarizer(head);
  }

  add(result: InjectionResult): void {
    this.#summarizer.add(result);
    this.#maps.add(result);
  }

  summary(confidence = DEFAULT_CONFIDENCE): CampaignSummary {
    return this.#summarizer.summary(confidence);
  }

  /** The page. The same results give the same text. */
  html({ confidence = DEFAULT_CONFIDENCE, planned }: PageOptions = {}): string {
    const summarized = this.#summarizer.summary(confidence);
    const summary = { ...summarized, planned: planned ?? summarized.planned };
    const page = html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${summary.name}: campaign report</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${summary.name}</h1>
            <p class="lead">${leadOf(summary)}</p>
          </header>
          ${warning(summary)} ${tiles(summary)} ${outcomesSection(summary)} ${groupsSection(summary)}
          ${mapsSection(this.#maps.maps())} ${propertiesSection(summary)} ${figuresSection(summary)}
          ${methodSection(summary)}
          <footer>Written by Testvisor. Whoever runs the campaign again gets the same results.</footer>
        </main>
      </body>
    </html>`;
    return `<!doctype html>\n${page.text}\n`;
  }
}

function leadOf({ plan, done, planned, spaceSize, seed }: CampaignSummary) {
  const injections = done === planned ? countText(done) : `${countText(done)} of ${countText(planned)}`;
  return html`Fault injection, ${plan}: <b>${injections} injections</b>${
      spaceSize === null ? '' : ` for a space of ${countText(spaceSize)} faults`
    },
    seed ${seed}.`;
}

/** The report of results that are all at hand. */
export function campaignHtml(head: CampaignHead, results: Iterable<InjectionResult>): string {
  const page = new CampaignPage(head);
  for (const result of results) page.add(result);
  return page.html();
}
