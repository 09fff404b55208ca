/** Which options a fault of a model may have, and what kind of value each is: the same name means the same everywhere. */
import { AuthorError } from '../author-error';
import { suggestName } from '../known-name';
import type { FaultModel, FaultPlan } from './fault-plan';
import { MODELS } from './models';
import type { When, WhenElsewhere } from './when';

/** Triggers of faults of a VM. */
export const TRIGGERS = [
  'at',
  'after',
  'afterInstructions',
  'when',
  'onAccess',
  'onMessage',
  'onEvent',
  'onCall',
] as const satisfies readonly (keyof When)[];
/** Triggers of faults of a channel or a network. */
const TRIGGERS_ELSEWHERE = [
  'at',
  'after',
  'onMessage',
  'onEvent',
] as const satisfies readonly (keyof WhenElsewhere)[];
const ON_MESSAGES = ['nth', 'matching', 'times', 'during'] as const;
const LIFESPANS = {
  interval: ['during'],
  counted: ['nth', 'times', 'during'],
  repeating: ['times', 'every'],
  lasting: ['during', 'every', 'times'],
} as const;
const LOCATION = ['register', 'csr', 'address', 'symbol', 'region', 'offset'] as const;

const KNOWN = new Map<FaultModel, readonly string[]>();

/** The options that faults of a model may have. */
export function optionsOf(model: FaultModel): readonly string[] {
  let options = KNOWN.get(model);
  if (options === undefined) KNOWN.set(model, (options = collectOptions(model)));
  return options;
}

function collectOptions(model: FaultModel): readonly string[] {
  const { on, options, located, lasts } = MODELS[model];
  if (on !== 'vm') {
    const which = lasts === 'interval' ? LIFESPANS.interval : ON_MESSAGES;
    return [on, ...options, ...which, ...TRIGGERS_ELSEWHERE];
  }
  const place = located === true ? LOCATION : [];
  const lifespan = lasts === undefined ? [] : LIFESPANS[lasts];
  return ['vm', 'hart', ...place, ...options, ...TRIGGERS, ...lifespan];
}

/** Throws unless the fault is of a known model and has no option that its model does not know. */
export function requireKnown(plan: unknown): asserts plan is FaultPlan {
  const where = 'fault';
  if (typeof plan !== 'object' || plan === null || !('model' in plan))
    throw new AuthorError({
      code: 'bad-fault',
      where,
      what: 'it is no fault: an object with a model and its options.',
      mend: "Make it with a constructor, faults.crash({ vm: 'sensor' }), or read it with faultFromJson.",
    });
  const { model } = plan;
  if (typeof model !== 'string' || !Object.hasOwn(MODELS, model))
    throw new AuthorError({
      code: 'bad-fault',
      where,
      what: `there is no model of faults “${String(model)}”.`,
      mend: suggestName(String(model), Object.keys(MODELS), 'model'),
    });
  const known = optionsOf(model as FaultModel);
  for (const option of Object.keys(plan))
    if (option !== 'model' && !known.includes(option))
      throw new AuthorError({
        code: 'unknown-option',
        where: `faults.${model}({ ${option} })`,
        what: `a fault of this model has no “${option}”.`,
        mend: suggestName(option, known, 'option'),
      });
}
