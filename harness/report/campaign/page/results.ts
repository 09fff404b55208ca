/** The page’s sections on what came out: headline, outcomes, causes, maps, properties. */
import type { HeatMap } from '../../../campaign/heat-maps';
import { FIGURES, type Figure } from '../../../campaign/figures';
import { OUTCOMES } from '../../../campaign/outcomes';
import type { CampaignSummary, FailureGroup, InjectionResult, Rate } from '../../../campaign/result';
import { specText } from '../../../faults/fault-text';
import { durationText } from '../../time-text';
import { divergenceText, originLines, replayText, sizeText } from '../group-text';
import { countText, faultCountText, shareText } from '../number-text';
import { heatChart, LEGEND, outcomeBars, rowsDrawn } from './charts';
import { COUNTS, countsOf } from './colours';
import { html, type Html } from './html';

const colour = (of: { readonly colour: string }): string => `--colour: ${of.colour}`;

/** `0.84 % to 2.56 % (95 %)`, `exact`: what one may not leave out of a number. */
export function intervalText(rate: Rate): string {
  if (rate.method === 'exact') return 'exact';
  const interval = `${shareText(rate.low)} to ${shareText(rate.high)}`;
  return rate.method === 'bounds'
    ? `${interval}, not all is known`
    : `${interval} (${shareText(rate.confidence)})`;
}

const TILES: readonly { readonly figure: Figure; readonly colour: { readonly colour: string } }[] = [
  { figure: 'undetected-failure', colour: COUNTS.undetected },
  { figure: 'failure', colour: COUNTS.detected },
  { figure: 'diagnostic-coverage', colour: COUNTS.handled },
];

export function tiles(summary: CampaignSummary): Html {
  const { recovery } = summary;
  return html`<div class="tiles">
    ${TILES.map(({ figure, colour: top }) => {
      const { rate, count } = summary.figures.find((one) => one.figure === figure)!;
      const isCounted = count !== null && figure !== 'diagnostic-coverage';
      return html`<div class="tile" style="${colour(top)}">
        <div class="name">${FIGURES[figure].title}</div>
        <div class="value">${rate === null ? '–' : shareText(rate.estimate)}</div>
        <div class="more">${rate === null ? 'nothing to take a share of' : intervalText(rate)}</div>
        <div class="more">${isCounted ? faultCountText(count) : 'under the stated fault model'}</div>
      </div>`;
    })}
    <div class="tile" style="${colour(COUNTS.masked)}">
      <div class="name">Recovery time, longest</div>
      <div class="value">${recovery === null ? '–' : durationText(recovery.longest)}</div>
      <div class="more">
        ${
          recovery === null
            ? 'nothing recovered'
            : `median ${durationText(recovery.median)}, 99 % within ${durationText(recovery.percentile99)}`
        }
      </div>
      <div class="more">${recovery === null ? '' : sizeText(recovery.injections, recovery.injections)}</div>
    </div>
  </div>`;
}

export function outcomesSection({ outcomes }: CampaignSummary): Html {
  return html`<section id="outcomes">
    <h2>What the faults led to</h2>
    <p class="lead">Each injection has exactly one outcome. Shares are of the faults that fired.</p>
    <div class="legend">
      ${LEGEND.map((of) => html`<span><i class="dot" style="${colour(of)}"></i>${of.word}</span>`)}
    </div>
    ${outcomeBars(outcomes)}
    <table>
      <tr>
        <th>Outcome</th>
        <th>Meaning</th>
        <th class="n">Injections</th>
        <th class="n">Faults</th>
        <th class="n">Share</th>
        <th class="n">Interval</th>
        <th class="n">In the whole space</th>
      </tr>
      ${outcomes.map(
        ({ outcome, injections, weight, rate, count }) =>
          html`<tr class="${injections === 0 ? 'zero' : ''}">
            <td><i class="dot" style="${colour(countsOf(outcome))}"></i>${outcome}</td>
            <td class="means">${OUTCOMES[outcome].means}</td>
            <td class="n">${countText(injections)}</td>
            <td class="n">${countText(weight)}</td>
            <td class="n">${rate === null ? '–' : shareText(rate.estimate)}</td>
            <td class="n">${rate === null ? '–' : intervalText(rate)}</td>
            <td class="n">${count === null ? '–' : faultCountText(count)}</td>
          </tr>`,
      )}
    </table>
  </section>`;
}

/** Groups that are open to read, that can be opened, and whose number alone is told. */
const OPEN_GROUPS = 10;
const MOST_GROUPS = 200;

export function groupsSection(summary: CampaignSummary): Html {
  const { groups } = summary;
  if (groups.length === 0)
    return html`<section id="causes">
      <h2>Failures by cause</h2>
      <p class="lead">There are none.</p>
    </section>`;
  const more = groups.slice(OPEN_GROUPS, MOST_GROUPS);
  const rest = groups.slice(MOST_GROUPS);
  return html`<section id="causes">
    <h2>Failures by cause</h2>
    <p class="lead">
      ${groups.length} ${groups.length === 1 ? 'cause' : 'causes'}, the worst outcome first, then the most
      faults. The command runs the first injection of each again.
    </p>
    ${groups.slice(0, OPEN_GROUPS).map((group) => groupCard(summary, group))}
    ${
      more.length === 0
        ? null
        : html`<details>
            <summary>${more.length} more ${more.length === 1 ? 'cause' : 'causes'}</summary>
            ${more.map((group) => groupCard(summary, group))}
          </details>`
    }
    ${
      rest.length === 0
        ? null
        : html`<p class="lead">
            … and ${rest.length} more causes, of
            ${countText(rest.reduce((sum, { injections }) => sum + injections, 0))} injections.
          </p>`
    }
  </section>`;
}

function groupCard(summary: CampaignSummary, group: FailureGroup): Html {
  const { outcome, cause, injections, weight, example } = group;
  const { divergence } = example;
  return html`<article>
    <h3>
      <span class="badge" style="${colour(countsOf(outcome))}">${outcome}</span>
      <span>${cause.replace(`${outcome}: `, '')}</span>
      <span class="size">${sizeText(injections, weight)}</span>
    </h3>
    ${divergence === null ? null : html`<p>First diverged ${divergenceText(divergence)}</p>`}
    ${originText(group)} ${bystanderText(example)}
    <pre><code>${specText(example.faults)}</code></pre>
    <pre><code>${replayText(summary, example)}</code></pre>
  </article>`;
}

function originText(group: FailureGroup): Html | null {
  const [first, ...others] = originLines(group);
  if (first === undefined) return null;
  return html`<p>${first[0]!.toUpperCase()}${first.slice(1)}:</p>
    <ul>
      ${others.map((line) => html`<li>${line.trim()}</li>`)}
    </ul>`;
}

const IMPACTS = {
  late: 'did the same at other times',
  different: 'did something else',
  crashed: 'crashed',
} as const;

function bystanderText({ bystanders }: InjectionResult): Html | null {
  if (bystanders.length === 0) return null;
  const texts = bystanders.map(
    ({ vm, impact, lateBy, missedDeadlines, isReachable }) =>
      `VM ${vm} ${IMPACTS[impact]}${lateBy > 0 ? `, by up to ${durationText(lateBy)}` : ''}${
        missedDeadlines > 0 ? `, and missed ${countText(missedDeadlines)} deadlines` : ''
      }${isReachable ? '' : ' although no channel leads to it'}`,
  );
  return html`<p>${texts.join('; ')}.</p>`;
}

const PURPOSE: Readonly<Record<HeatMap['name'], string>> = {
  'function × register':
    'Share of the faults in a register that led to a failure, by the function that the golden run was in.',
  'symbol × bit': 'Share of the faults in a bit of a symbol’s bytes that led to a failure.',
};

export function mapsSection(maps: readonly HeatMap[]): Html | null {
  if (maps.length === 0) return null;
  return html`${maps.map((map) => {
    const cut = map.rows.length - rowsDrawn(map).length;
    return html`<section id="${map.name.replaceAll(/\W+/g, '-')}">
      <h2>Vulnerability by ${map.name}</h2>
      <p class="lead">
        ${PURPOSE[map.name]} In per cent; a dark frame says that nobody noticed some of them.
        ${cut === 0 ? '' : `${cut} rows with fewer failures are only in the table.`}
      </p>
      ${heatChart(map)}
      <details>
        <summary>The numbers</summary>
        <table>
          <tr>
            <th>Where</th>
            <th></th>
            <th class="n">Faults that fired</th>
            <th class="n">Failures</th>
            <th class="n">Undetected</th>
          </tr>
          ${[...map.cells]
            .filter(({ failed }) => failed > 0)
            .sort((a, b) => b.undetected - a.undetected || b.failed - a.failed)
            .slice(0, MOST_CELLS)
            .map(
              (cell) =>
                html`<tr>
                  <td>${cell.row}</td>
                  <td>${cell.column}</td>
                  <td class="n">${countText(cell.fired)}</td>
                  <td class="n">${countText(cell.failed)}</td>
                  <td class="n">${countText(cell.undetected)}</td>
                </tr>`,
            )}
        </table>
      </details>
    </section>`;
  })}`;
}

const MOST_CELLS = 500;

export function propertiesSection({ properties, otherProperties }: CampaignSummary): Html | null {
  if (properties.length === 0) return null;
  return html`<section id="properties">
    <h2>What guests state of themselves</h2>
    <p class="lead">
      Over all runs, the golden one included. What must sometimes be so, and never was, is a failure too.
      ${
        otherProperties === 0
          ? null
          : `Runs stated other properties ${countText(otherProperties)} times: no more than ${countText(properties.length)} are kept.`
      }
    </p>
    <table>
      <tr>
        <th></th>
        <th>VM</th>
        <th>Property</th>
        <th class="n">Runs</th>
        <th class="n">Held in</th>
        <th class="n">Failed in</th>
      </tr>
      ${properties.map(
        ({ vm, property, name, runs, held, failed, isFulfilled }) =>
          html`<tr>
            <td>
              <span class="badge" style="${colour(isFulfilled ? COUNTS.masked : COUNTS.undetected)}"
                >${isFulfilled ? 'fulfilled' : 'broken'}</span
              >
            </td>
            <td>${vm}</td>
            <td>${property} “${name}”</td>
            <td class="n">${countText(runs)}</td>
            <td class="n">${countText(held)}</td>
            <td class="n">${countText(failed)}</td>
          </tr>`,
      )}
    </table>
  </section>`;
}
