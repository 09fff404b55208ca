/** docs/fault-models.md: every model of faults, from the harness's table. */
import { FAULT_FAMILIES, FAULT_MODELS, type FaultModel } from '../../harness';
import { code, document, table } from './markdown';

type Row = (typeof FAULT_MODELS)[FaultModel];

const LASTS: Readonly<Record<NonNullable<Row['lasts']>, string>> = {
  repeating: 'at a moment: `times`, `every`',
  lasting: 'for a while: `during`, `every`, `times`',
  counted: 'so many requests: `nth`, `times`, `during`',
  interval: 'for a while: `during`',
};

function lifespanOf({ on, lasts }: Row): string {
  if (lasts !== undefined) return LASTS[lasts];
  return on === 'vm' ? 'once' : 'so many: `nth`, `matching`, `times`, `during`';
}

function optionsOf({ on, options, located }: Row): string {
  const all = [on, ...(located === true ? ['(a location)'] : []), ...options];
  return all.map((option) => (option.startsWith('(') ? option : code(option))).join(', ');
}

function family(name: keyof typeof FAULT_FAMILIES): string {
  const rows = (Object.keys(FAULT_MODELS) as FaultModel[])
    .filter((model) => FAULT_MODELS[model].family === name)
    .map((model) => {
      const row: Row = FAULT_MODELS[model];
      return [code(`faults.${model}`), row.hardware, optionsOf(row), lifespanOf(row)];
    });
  return `## ${FAULT_FAMILIES[name]}\n\n${table(['model', 'what it stands for', 'options', 'how it lasts'], rows)}`;
}

export function faultReference(): string {
  return document(
    'Fault models',
    'What each option means, how faults are triggered and how long they last is told in [Faults](faults.md) and by the docstrings of `faults`. A location is one of `register`, `csr`, `address`, `symbol` and `region`, with an `offset` in bytes.',
    ...(Object.keys(FAULT_FAMILIES) as (keyof typeof FAULT_FAMILIES)[]).map(family),
  );
}
