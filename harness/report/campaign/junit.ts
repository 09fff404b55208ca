/**
 * A campaign as JUnit, which every CI shows: a test case for each cause of failures, for each outcome without any, and
 * for each property that guests state. What nobody noticed has failed; what was detected has passed, and says so.
 */
import type JUnit from 'junit-report-builder';
import { OUTCOMES, outcomeRow } from '../../campaign/outcomes';
import type { CampaignSummary } from '../../campaign/result';
import { causeText, groupText } from './group-text';
import { countText, rateText } from './number-text';
import { campaignLines } from './outcome-lines';

export function campaignJUnit(summary: CampaignSummary): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who writes one waits for it.
  const builder = (require('junit-report-builder') as typeof JUnit).newBuilder();
  const suite = builder.testSuite().name(summary.name);
  for (const [name, value] of Object.entries({
    plan: summary.plan,
    seed: String(summary.seed),
    identity: summary.identity,
    'golden run': summary.golden.digest,
  }))
    suite.property(name, value);

  const { done, planned } = summary;
  const whole = suite.testCase().className(summary.name).name('every injection has a result');
  if (done < planned) whole.error(`${countText(done)} of ${countText(planned)} have`, 'incomplete');
  whole.standardOutput(plain(campaignLines(summary).join('\n')));

  for (const { outcome, injections, rate } of summary.outcomes) {
    const { counts } = outcomeRow(outcome);
    const groups = summary.groups.filter((group) => group.outcome === outcome);
    for (const group of groups) {
      const { cause } = group;
      const test = suite
        .testCase()
        .className(`${summary.name}.${outcome}`)
        .name(plain(causeText(outcome, cause)));
      const text = plain(groupText(summary, group).join('\n'));
      if (outcome === 'harness-error') test.error(text, outcome);
      else if (counts === 'undetected') test.failure(text, outcome);
      else test.standardOutput(text);
    }
    if (groups.length > 0 || counts === 'benign' || counts === 'none') continue;
    const none = suite.testCase().className(`${summary.name}.${outcome}`).name(`no ${outcome}`);
    none.standardOutput(`${OUTCOMES[outcome].means}\n${countText(injections)}: ${rateText(rate)}`);
  }

  for (const { vm, property, name, runs, held, failed, isFulfilled } of summary.properties) {
    const test = suite
      .testCase()
      .className(`${summary.name}.properties`)
      .name(plain(`${vm}: ${property} ${name}`));
    const seen = `held in ${countText(held)}, failed in ${countText(failed)} of ${countText(runs)} runs`;
    if (isFulfilled) test.standardOutput(seen);
    else test.failure(seen, property);
  }
  if (summary.otherProperties > 0)
    suite
      .testCase()
      .className(`${summary.name}.properties`)
      .name('no more properties than are kept')
      .error(`others were stated ${countText(summary.otherProperties)} times`, 'unknown');
  return builder.build();
}

/** XML has no words for control characters, which a guest’s texts may hold. */
const plain = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- they are what it is about.
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '�');
