/** docs/hypercalls.md, from the table of hypercalls. */
import { HYPERCALL_STRUCTS } from '../../platform/hypercall-structs';
import {
  EXTENSIONS,
  type ExtensionName,
  type Hypercall,
  type HypercallArgument,
  HYPERCALLS,
  SBI_ERRORS,
} from '../../platform/hypercalls';
import { code, document, hex, table } from './markdown';

function argumentText({ name, type }: HypercallArgument): string {
  switch (type.is) {
    case 'word':
      return name;
    case 'in':
      return `${name} (address, read)`;
    case 'out':
      return `${name} (address, written)`;
    case 'in-out':
      return `${name} (address, read and written)`;
    case 'out-struct':
      return `${name} (address, ${type.struct} written)`;
    case 'u64':
    case 'port':
    case 'vm':
      return name === type.is ? name : `${name} (${type.is})`;
  }
}

function notes(call: Hypercall): string {
  return [
    call.doc,
    ...(call.value === undefined ? [] : [`Returns: ${call.value}.`]),
    ...(call.blocks ? ['May wait.'] : []),
    ...(call.callers === 'authority' ? ['Needs authority over the VM.'] : []),
    ...(call.callers === 'supervisor' ? ['The system must ask the caller about errors of the VM.'] : []),
    ...(call.callers === 'debugger' ? ['The system must let the caller debug the VM.'] : []),
    ...(call.cost > 0 ? [`Costs ${call.cost} cycles more than the base.`] : []),
  ].join(' ');
}

function extension(name: ExtensionName): string {
  const rows = HYPERCALLS.filter((call) => call.extension === name).map((call) => [
    String(call.function),
    code(call.name),
    call.args.map(argumentText).join(', '),
    call.errors.join(', '),
    notes(call),
  ]);
  return `## ${name}: ${code(hex(EXTENSIONS[name]))}\n\n${table(['function', 'name', 'arguments', 'errors', 'what it does'], rows)}`;
}

export function hypercallReference(): string {
  return document(
    'Hypercalls',
    'Calling convention of the RISC-V SBI: `a7` extension, `a6` function, `a0` to `a5` arguments; the error returns in `a0`, the value in `a1`. In the `supervisor` profile a hypercall is an `ecall` from S-mode; in the `machine` profile, whose `ecall` is its own, it is a store to the hypercall doorbell with the same registers. A `u64` takes one register on RV64 and two (low, high) on RV32. An address is checked before anything acts; a refused call changes nothing, and the trace shows it as denied.',
    ...(Object.keys(EXTENSIONS) as ExtensionName[]).map(extension),
    `## Errors\n\n${table(
      ['a0', 'error'],
      Object.entries(SBI_ERRORS).map(([name, number]) => [String(number), name]),
    )}`,
    '## Structures that hypercalls write',
    ...Object.entries(HYPERCALL_STRUCTS).map(
      ([name, { size, fields }]) =>
        `### ${name}, ${size} bytes\n\n${table(
          ['offset', 'size', 'field'],
          fields.map((field) => [String(field.offset), String(field.size), code(field.name)]),
        )}`,
    ),
  );
}
