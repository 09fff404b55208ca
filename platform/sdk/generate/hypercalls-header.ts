/** Headers of the hypercalls: numbers, errors, structures, and one inline function for each call. */
import {
  FAULT_KINDS,
  HART_STATUSES,
  HART_SUSPENSIONS,
  HYPERCALL_STRUCTS,
  OPERATING_MODES,
  PROPERTY_KINDS,
  RESTART_KINDS,
  START_REASONS,
  VM_STATES,
} from '../../hypercall-structs';
import {
  EXTENSIONS,
  HYPERCALLS,
  SBI_ERRORS,
  type ArgumentType,
  type Hypercall,
  type HypercallArgument,
} from '../../hypercalls';
import { HEALTH_ANSWERS, HEALTH_ERRORS, HEALTH_STATES, NUMERIC_ERRORS } from '../../health';
import { UPDATE_FAILURES, UPDATE_RESULTS, UPDATE_STAGES } from '../../update/stages';
import { cStruct, STRUCT_PRELUDE, type Naming } from './c-struct';
import { comment, defines, header, hex, numberDefinitions, snakeCase, upperCase } from './c-text';

const SDK_NAMES: Naming = { struct: (name) => `struct tv${snakeCase(name)}`, field: snakeCase };

export function structsHeader(): string {
  const table = (doc: string, prefix: string, numbers: Readonly<Record<string, number>>): string =>
    `${comment(doc)}\n${defines(numberDefinitions(prefix, numbers))}`;
  return header('TESTVISOR_STRUCTS_H', 'Structures that hypercalls write, and the numbers in them.', [
    STRUCT_PRELUDE,
    table('Why a VM (re)started.', 'TV_START', START_REASONS),
    table('Operating modes of a partition.', 'TV_MODE', OPERATING_MODES),
    table('States of a VM’s life cycle.', 'TV_STATE', VM_STATES),
    table('Kinds of faults.', 'TV_FAULT', FAULT_KINDS),
    table('Kinds of restarts.', 'TV_RESTART', RESTART_KINDS),
    table('Statuses of a hart.', 'TV_HART', HART_STATUSES),
    table('Kinds of suspensions of a hart.', 'TV_HART_SUSPEND', HART_SUSPENSIONS),
    table('Kinds of properties.', 'TV_PROPERTY', PROPERTY_KINDS),
    table('Errors that the health monitor tells apart.', 'TV_HEALTH_ERROR', HEALTH_ERRORS),
    table('Codes with which a guest raises a numeric error.', 'TV_NUMERIC_ERROR', NUMERIC_ERRORS),
    table('States of a VM with an error.', 'TV_HEALTH_STATE', HEALTH_STATES),
    table('What a supervisor VM may answer.', 'TV_HEALTH_ANSWER', HEALTH_ANSWERS),
    table('Stages of an update.', 'TV_UPDATE', UPDATE_STAGES),
    table('What has become of an update.', 'TV_UPDATE_RESULT', UPDATE_RESULTS),
    table('Why an update came to nothing.', 'TV_UPDATE_WHY', UPDATE_FAILURES),
    ...Object.values(HYPERCALL_STRUCTS).map((struct) => cStruct(struct, SDK_NAMES)),
  ]);
}

/** A parameter of the C function, and the words that it puts into argument registers. */
interface Parameter {
  readonly declarations: readonly string[];
  readonly words: readonly string[];
  /** Takes one register on RV64 and two on RV32. */
  readonly wide?: true;
}

function outType(type: Extract<ArgumentType, { is: 'out-struct' }>): string {
  return type.struct === 'u64' ? 'uint64_t' : SDK_NAMES.struct(HYPERCALL_STRUCTS[type.struct].name);
}

/** Whether the argument after it is its size. */
const isSizeOf = (before: HypercallArgument | undefined): boolean =>
  before !== undefined && ['in', 'out', 'in-out'].includes(before.type.is);

function parameter(args: readonly HypercallArgument[], index: number): Parameter | undefined {
  const { name, type } = args[index]!;
  const c = snakeCase(name);
  const before = args[index - 1];
  switch (type.is) {
    case 'word':
      if (before?.name === 'name' && before.type.is === 'in') return undefined; // Passed with the text before it.
      return isSizeOf(before) || (before?.type.is === 'word' && args[index - 2]?.type.is === 'in-out')
        ? { declarations: [`size_t ${c}`], words: [c] }
        : { declarations: [`unsigned long ${c}`], words: [c] };
    case 'u64':
      return { declarations: [`uint64_t ${c}`], words: [c], wide: true };
    case 'port':
    case 'vm':
      return { declarations: [`uint32_t ${c}`], words: [c] };
    case 'in':
      return name === 'name'
        ? { declarations: [`const char *${c}`], words: [`(unsigned long)${c}`, `__builtin_strlen(${c})`] }
        : { declarations: [`const void *${c}`], words: [`(unsigned long)${c}`] };
    case 'out':
    case 'in-out':
      return { declarations: [`void *${c}`], words: [`(unsigned long)${c}`] };
    case 'out-struct':
      return { declarations: [`${outType(type)} *${c}`], words: [`(unsigned long)${c}`] };
  }
}

const ARGUMENT_REGISTERS = 6;

function callExpression(call: Hypercall, parameters: readonly Parameter[], xlen: 32 | 64): string {
  const words = parameters.flatMap(({ words, wide }) =>
    wide && xlen === 32
      ? words.flatMap((word) => [`(unsigned long)${word}`, `(unsigned long)(${word} >> 32)`])
      : words,
  );
  const padded = [...words, ...new Array<string>(ARGUMENT_REGISTERS - words.length).fill('0')];
  return `tv_hypercall(TV_EXTENSION_${upperCase(call.extension)}, ${call.function}, ${padded.join(', ')})`;
}

/** `tv_channel_queue_send`: the C function of a hypercall. */
export const functionName = (call: Hypercall): string =>
  `tv_${snakeCase(call.extension)}_${snakeCase(call.name)}`;

function wrapper(call: Hypercall): string {
  const parameters = call.args
    .map((_, index) => parameter(call.args, index))
    .filter((each) => each !== undefined);
  const declared = parameters.flatMap(({ declarations }) => declarations).join(', ') || 'void';
  const body = parameters.some(({ wide }) => wide)
    ? [
        '#if __riscv_xlen == 32',
        `    return ${callExpression(call, parameters, 32)};`,
        '#else',
        `    return ${callExpression(call, parameters, 64)};`,
        '#endif',
      ]
    : [`    return ${callExpression(call, parameters, 64)};`];
  const notes = [
    call.doc,
    ...(call.value === undefined ? [] : [`Value: ${call.value}.`]),
    ...(call.blocks && call.args.some(({ name }) => name === 'timeout')
      ? ['Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.']
      : []),
    ...(call.callers === 'authority' ? ['Needs authority over that VM.'] : []),
    ...(call.callers === 'supervisor' ? ['The system must ask the caller about errors of that VM.'] : []),
    ...(call.callers === 'updater' ? ['The system must let the caller update that VM.'] : []),
    ...(call.callers === 'debugger' ? ['The system must let the caller debug that VM.'] : []),
    ...(call.errors.length === 0 ? [] : [`Errors: ${call.errors.join(', ')}.`]),
  ];
  return [
    comment(...notes),
    `static inline tv_result ${functionName(call)}(${declared}) {`,
    ...body,
    '}',
  ].join('\n');
}

export function hypercallsHeader(): string {
  const extensions = Object.entries(EXTENSIONS).map(([name, value]) => ({
    name: `TV_EXTENSION_${upperCase(name)}`,
    value: hex(value),
  }));
  return header('TESTVISOR_HYPERCALLS_H', 'Every hypercall as an inline function.', [
    '#include "testvisor/hypercall.h"\n#include "testvisor/structs.h"',
    `${comment('Extensions (a7).')}\n${defines(extensions)}`,
    `${comment('Errors (tv_result.error).')}\n${defines(numberDefinitions('TV_ERROR', SBI_ERRORS))}`,
    `${comment('A timeout that never comes.')}\n#define TV_FOR_EVER UINT64_MAX`,
    ...HYPERCALLS.map(wrapper),
  ]);
}

const KIND_LETTERS: Readonly<Record<ArgumentType['is'], string>> = {
  word: 'w',
  u64: 'q',
  port: 'p',
  vm: 'v',
  in: 'i',
  out: 'o',
  'in-out': 'b',
  'out-struct': 's',
};

/** The table of hypercalls as data, for guests that probe them all. */
export function hypercallTableHeader(): string {
  const rows = HYPERCALLS.map((call) => {
    const kinds = call.args.map(({ type }) => KIND_LETTERS[type.is]).join('');
    return `    X(TV_EXTENSION_${upperCase(call.extension)}, ${call.function}, "${call.extension} ${call.name}", "${kinds}", ${call.blocks ? 1 : 0})`;
  });
  return header('TESTVISOR_HYPERCALL_TABLE_H', 'All hypercalls as data.', [
    '#include "testvisor/hypercalls.h"',
    `${comment(
      'X(extension, function, name, kinds, blocks) for each hypercall. Each letter of kinds is an argument: w word, q 64 bits, p port, v VM, i buffer read, o buffer written, b buffer read and written, s structure written.',
    )}\n#define TV_HYPERCALL_TABLE(X) \\\n${rows.join(' \\\n')}`,
  ]);
}
