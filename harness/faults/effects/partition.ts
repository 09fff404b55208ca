/** Faults of a VM as a whole, and of what the platform does for it. */
import { HYPERCALLS, SBI_ERRORS, type SbiError } from '../../../platform/hypercalls';
import { AuthorError } from '../../author-error';
import { suggestName } from '../../known-name';
import { requireWholeNumber } from '../../machine/require-amount';
import { requireOneOf } from '../require-names';
import type { VmEffects } from './target';

export const PARTITION: Pick<
  VmEffects,
  'crash' | 'powerFail' | 'hang' | 'kill' | 'pause' | 'restart' | 'hypercallError'
> = {
  crash: ({ vm }) => ({ model: 'crash', vm }),
  powerFail: ({ vm }) => ({ model: 'power-fail', vm }),
  hang: ({ vm }) => ({ model: 'hang', vm }),
  kill: ({ vm }) => ({ model: 'kill', vm }),
  pause: ({ call, vm }, { duration }) => ({
    model: 'pause',
    vm,
    duration: requireWholeNumber(`${call}({ duration })`, duration, 1),
  }),
  restart: ({ call, vm }, { kind = 'cold' }) => ({
    model: 'restart',
    vm,
    kind: requireOneOf(`${call}({ kind })`, 'kind of restart', ['cold', 'warm', 'snapshot'], kind),
  }),
  hypercallError: ({ call: where, vm }, { call, error, nth = 1 }) => {
    const row = call === undefined ? undefined : requireCall(`${where}({ call })`, call);
    return {
      model: 'hypercall-error',
      vm,
      ...(call === undefined ? {} : { call }),
      error: error === undefined ? (row?.errors.find(isFailure) ?? 'failed') : requireError(where, error),
      passing: requireWholeNumber(`${where}({ nth })`, nth, 1) - 1,
    };
  },
};

/** The hypercall of this name. @throws AuthorError naming the one probably meant */
export function requireCall(where: string, call: string): (typeof HYPERCALLS)[number] {
  const row = HYPERCALLS.find(({ extension, name }) => `${extension}.${name}` === call);
  if (row !== undefined) return row;
  const names = HYPERCALLS.map(({ extension, name }) => `${extension}.${name}`);
  throw new AuthorError({
    code: 'bad-value',
    where,
    what: `there is no hypercall “${call}”.`,
    mend: `${suggestName(call, names, 'hypercall')} All are in docs/hypercalls.md.`,
  });
}

const isFailure = (error: SbiError): error is Exclude<SbiError, 'success'> => error !== 'success';

function requireError(where: string, error: SbiError): Exclude<SbiError, 'success'> {
  const known = Object.keys(SBI_ERRORS) as SbiError[];
  return requireOneOf(`${where}({ error })`, 'error', known.filter(isFailure), error);
}
