/** The page’s sections on what its numbers mean, and how they came about. */
import { FIGURES } from '../../../campaign/figures';
import type { CampaignSummary } from '../../../campaign/result';
import { durationText } from '../../time-text';
import { countText, faultCountText, shareText } from '../number-text';
import { html, type Html } from './html';
import { intervalText } from './results';

export function figuresSection({ figures }: CampaignSummary): Html {
  return html`<section id="figures">
    <h2>Figures and their definitions</h2>
    <p class="lead">They hold for the stated faults, space and workload, and for nothing else.</p>
    <table>
      <tr>
        <th>Figure</th>
        <th>Definition</th>
        <th class="n">Share</th>
        <th class="n">Interval</th>
        <th class="n">In the whole space</th>
      </tr>
      ${figures.map(
        ({ figure, rate, count }) =>
          html`<tr>
            <td>${FIGURES[figure].title}</td>
            <td class="means">${FIGURES[figure].means}</td>
            <td class="n">${rate === null ? '–' : shareText(rate.estimate)}</td>
            <td class="n">${rate === null ? '–' : intervalText(rate)}</td>
            <td class="n">${count === null ? '–' : faultCountText(count)}</td>
          </tr>`,
      )}
    </table>
  </section>`;
}

const BASES = {
  whole:
    'The plan covers the whole space: shares and counts are exact, without any statistics. While some of it is not known, intervals are what is certain, not what is likely.',
  sample:
    'Faults were drawn from the space at random. Intervals are those of Clopper and Pearson at the effective size of the sample (Kish); injections that ended in harness-error count as a hit for the upper end and as none for the lower. Counts are extrapolated to the whole space.',
} as const;

export function methodSection(summary: CampaignSummary): Html {
  const { plan, basis, seed, identity, spaceSize, done, planned, known, golden, file } = summary;
  return html`<section id="method">
    <h2>How these numbers came about</h2>
    <p class="lead">${BASES[basis]}</p>
    <p class="lead">
      An injection stands for all faults of its class, which must lead to the same, and counts with their
      number. To compare two variants of a program, compare absolute counts: a share also falls when a program
      only runs longer or has more memory that nothing depends on.
    </p>
    <dl>
      <dt>Plan and space</dt>
      <dd>${plan}</dd>
      <dt>Faults in the space</dt>
      <dd>${spaceSize === null ? 'not countable' : countText(spaceSize)}</dd>
      <dt>Injections</dt>
      <dd>
        ${countText(done)} of ${countText(planned)}: ${countText(known.ran)} ran to the end,
        ${countText(known.converged)} until their state was the golden run’s, ${countText(known.pruned)} were
        known without a run
      </dd>
      <dt>Seed</dt>
      <dd>${seed}</dd>
      <dt>Golden run</dt>
      <dd>
        ${durationText(golden.duration)} of virtual time, ${countText(golden.instructions)} instructions,
        digest
        <code>${golden.digest}</code>
      </dd>
      <dt>Identity</dt>
      <dd><code>${identity}</code></dd>
      ${
        file === undefined
          ? null
          : html`<dt>Defined in</dt>
              <dd><code>${file}</code></dd>`
      }
    </dl>
  </section>`;
}

/** What a reader must know before any number; null where all is known. */
export function warning(summary: CampaignSummary): Html | null {
  const errors = summary.outcomes.find(({ outcome }) => outcome === 'harness-error')!.injections;
  const { done, planned } = summary;
  if (done === planned && errors === 0) return null;
  return html`<section class="warning" id="warning">
    <h2>Not all is known</h2>
    ${
      done === planned
        ? null
        : html`<p>
            The campaign is not done: ${countText(done)} of ${countText(planned)} injections have results.
          </p>`
    }
    ${
      errors === 0
        ? null
        : html`<p>
            ${countText(errors)} injections ended in harness-error: they say nothing about the guests.
          </p>`
    }
  </section>`;
}
