import { Arithmetic, Compare, Op } from '../../../../hypervisor/engine/wasm/opcodes';
import { type Flow, structured } from '../../../../hypervisor/engine/translator/control-flow';
import { allOf } from '../../../../hypervisor/engine/translator/portions';
import { graphOf } from '../../../../hypervisor/engine/translator/graph';
import type { GuestCode, Region } from '../../../../hypervisor/engine/translator/region';
import { encode, type Operands } from '../../../../hypervisor/isa/encode';
import { RAM_BASE } from '../single-vm';
import type { WasmFunction } from '../walls/wasm-function';

/** Guest code of a text test: label or instruction in each line, `addi rd=8 rs1=8 imm=-1`, `bne rs1=8 to=loop`. */
export function guestCode(xlen: 32 | 64, text: string, functions: readonly string[] = []): GuestCode {
  const labels = new Map<string, number>();
  const lines: { readonly address: number; readonly words: readonly string[] }[] = [];
  let address = RAM_BASE;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    if (line.endsWith(':')) {
      labels.set(line.slice(0, -1), address);
      continue;
    }
    const words = line.split(/\s+/);
    lines.push({ address, words });
    address += words[0]!.startsWith('c.') ? 2 : 4;
  }
  const encodings = new Map(
    lines.map(({ address: at, words: [name, ...fields] }) => {
      const operands = Object.fromEntries(
        fields.map((field) => {
          const [key, value] = field.split('=') as [string, string];
          return key === 'to' ? ['imm', labels.get(value)! - at] : [key, Number(value)];
        }),
      ) as Operands;
      return [at, encode(xlen, name!, operands)];
    }),
  );
  const entries = new Set(functions.map((name) => labels.get(name)!));
  return {
    xlen,
    instructionAt: (at) => encodings.get(at) ?? -1,
    isFunction: (at) => entries.has(at),
  };
}

const NAMES = new Map<number, string>([
  ...Object.entries(Op).map(
    ([name, code]) =>
      [
        code,
        name.replace(/^(i32|i64)(.)/, (_, type: string, first: string) => `${type}.${first.toLowerCase()}`),
      ] as const,
  ),
  ...Object.entries({ ...Arithmetic, ...Compare }).map(([name, code]) => [code, `i32.${name}`] as const),
]);

/** A function as text: an instruction in each line, indented by its blocks. */
export function textOf({ body }: WasmFunction): string {
  let depth = 0;
  const lines = body.map(({ opcode, immediates }) => {
    if (opcode === Op.end || opcode === Op.else) depth--;
    const isBlock = opcode === Op.block || opcode === Op.loop || opcode === Op.if;
    const isAccess = opcode >= Op.i32Load && opcode <= Op.i64Store32;
    const shown = isBlock ? [] : isAccess ? [immediates[1]!] : immediates;
    const text = [NAMES.get(opcode) ?? opcode.toString(16), ...shown].join(' ');
    const line = '  '.repeat(Math.max(depth, 0)) + text;
    if (isBlock || opcode === Op.else) depth++;
    return line;
  });
  return lines.join('\n');
}

/** A region with the structure that it gets when nothing is put in the place of its calls. */
export const controlFlow = (region: Region): Flow => allOf(structured(region.entry, graphOf(region), 1));
