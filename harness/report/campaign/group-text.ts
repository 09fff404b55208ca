/** What a campaign’s failures have in common: cause, where they first left the golden run, and how to see one again. */
import type { CampaignHead, Divergence, FailureGroup, InjectionResult } from '../../campaign/result';
import { faultsToJson, faultText } from '../../faults/fault-text';
import { durationText } from '../time-text';
import { countText } from './number-text';

const MOST_GROUPS = 8;

/** A paragraph for each group, the worst first; many are cut. */
export function groupLines(head: CampaignHead, groups: readonly FailureGroup[]): readonly string[] {
  const shown = groups.slice(0, MOST_GROUPS).flatMap((group) => groupText(head, group));
  const rest = groups.slice(MOST_GROUPS);
  if (rest.length === 0) return shown;
  const injections = rest.reduce((sum, group) => sum + group.injections, 0);
  return [...shown, `… and ${rest.length} more causes, of ${countText(injections)} injections`];
}

export function groupText(head: CampaignHead, group: FailureGroup): string[] {
  const { outcome, cause, injections, weight, example } = group;
  const { divergence, faults } = example;
  return [
    `${causeText(outcome, cause)}: ${sizeText(injections, weight)}`,
    ...(divergence === null ? [] : [`    first diverged ${divergenceText(divergence)}`]),
    ...originLines(group).map((line) => `    ${line}`),
    ...example.bystanders.map(
      ({ vm, impact, lateBy }) =>
        `    VM ${vm}: ${impact}${impact === 'late' ? ` by ${durationText(lateBy)}` : ''}`,
    ),
    `    ${faults.map(faultText).join(', ')}`,
    `    replay: ${replayText(head, example)}`,
  ];
}

const MOST_ORIGINS = 5;

/** Where the failures of a group left the golden run, where those that were looked at did not all do so at one place. */
export function originLines({ origins, elsewhere }: FailureGroup): readonly string[] {
  if (origins.length < 2) return [];
  const sumOf = (some: FailureGroup['origins']): number =>
    some.reduce((sum, { injections }) => sum + injections, 0);
  const rest = sumOf(origins.slice(MOST_ORIGINS)) + elsewhere;
  return [
    `of ${countText(sumOf(origins) + elsewhere)} looked at instruction by instruction, diverged first`,
    ...origins
      .slice(0, MOST_ORIGINS)
      .map(
        ({ divergence, injections }) =>
          `  ${countText(injections)} in VM ${divergence.vm}, ${placeText(divergence) ?? divergence.what}`,
      ),
    ...(rest === 0 ? [] : [`  ${countText(rest)} elsewhere`]),
  ];
}

/** Causes begin with their outcome where the text alone would not say it. */
export const causeText = (outcome: string, cause: string): string =>
  cause === '' ? outcome : cause.startsWith(outcome) ? cause : `${outcome}: ${cause}`;

/** `3 injections, which stand for 12 faults`. */
export function sizeText(injections: number, weight: number): string {
  const text = `${countText(injections)} injection${injections === 1 ? '' : 's'}`;
  return weight === injections
    ? text
    : `${text}, which stand${injections === 1 ? 's' : ''} for ${countText(weight)} faults`;
}

/** `in VM train at 1.25 ms, in decide() at train.c:42, by "add a0, a0, a1": a0 was 5 instead of 1`. */
export function divergenceText(divergence: Divergence): string {
  const { vm, at, instruction, what } = divergence;
  const place = placeText(divergence);
  return [
    `in VM ${vm} at ${durationText(at)}`,
    ...(place === null ? [] : [`in ${place}`]),
    ...(instruction === null ? [] : [`by “${instruction}”`]),
  ]
    .join(', ')
    .concat(`: ${what}`);
}

/** `decide() at train.c:42`, or as near to it as is known; null where nothing is. */
export function placeText(place: Pick<Divergence, 'function' | 'file' | 'line' | 'pc'>): string | null {
  const line = place.file === null ? null : place.line === null ? place.file : `${place.file}:${place.line}`;
  const known = [place.function === null ? null : `${place.function}()`, line].filter(
    (part) => part !== null,
  );
  if (known.length > 0) return known.join(' at ');
  return place.pc === null ? null : `0x${place.pc.toString(16)}`;
}

/** The command that runs an injection again, to paste into a shell. */
export const replayText = (
  { file, name }: Pick<CampaignHead, 'file' | 'name'>,
  { faults }: Pick<InjectionResult, 'faults'>,
): string =>
  `npx testvisor replay ${shellWord(file ?? 'CAMPAIGN.ts')} ${shellWord(faultsToJson(faults))} --name ${shellWord(name)}`;

const shellWord = (word: string): string =>
  /^[\w./@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
