/** The code that engines emit for floating-point operations, each as a function that specs can call. */
import { FloatFlag } from '../../../hypervisor/float/environment';
import { FAST_CONTROL } from '../../../hypervisor/engine/float/control';
import { emitFloat, type FloatTarget } from '../../../hypervisor/engine/float/emit';
import { addFloatFunctions, floatImport, importSlowPath } from '../../../hypervisor/engine/float/slow-path';
import { ModuleBuilder } from '../../../hypervisor/engine/wasm/module';
import { I32, I64, Op } from '../../../hypervisor/engine/wasm/opcodes';
import { FLOAT_CONTROL } from '../../../hypervisor/hart/layout';
import {
  FLOAT_OPERATION_NAMES,
  FLOAT_OPERATIONS,
  type FloatOperation,
} from '../../../hypervisor/isa/float-operations';
import { MOST_WASM_PAGES } from '../../../hypervisor/memory/memory-pool';

/** With the control word that lets the host compute, in a mode that it can; or without, in any. */
export interface How {
  readonly fast: boolean;
  readonly mode: number;
  /** Flags raised before, where it is fast; inexact if nothing is said. */
  readonly raised?: number;
}

type Function = (fast: number, mode: number, a: bigint, b: bigint, c: bigint) => bigint;

/** The hart's block is at 0. */
export class FloatFunctions {
  /** How often soft float was asked. */
  slowCalls = 0;
  readonly #words: Uint32Array;
  readonly #functions: Readonly<Record<string, Function>>;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_WASM_PAGES, shared: true });
    this.#words = new Uint32Array(memory.buffer);
    const slowPath = floatImport(this.#words);
    const float = (hart: number, operation: number, mode: number): void => {
      this.slowCalls++;
      slowPath(hart, operation, mode);
    };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleOfAll()), {
      host: { memory, float },
    });
    this.#functions = instance.exports as unknown as Record<string, Function>;
  }

  compute(operation: FloatOperation, how: How, operands: readonly bigint[]): bigint {
    this.#words[FLOAT_CONTROL >>> 2] = how.fast ? FAST_CONTROL | (how.raised ?? FloatFlag.inexact) : 0;
    const [a = 0n, b = 0n, c = 0n] = operands;
    const result = this.#functions[operation]!(how.fast ? 1 : 0, how.mode, a, b, c);
    return BigInt.asUintN(FLOAT_OPERATIONS[operation].gives === 'w' ? 32 : 64, result);
  }

  /** Flags that the last computation raised, inexact aside where it was raised before. */
  get flags(): number {
    return this.#words[FLOAT_CONTROL >>> 2]! & 0x1f;
  }
}

function moduleOfAll(): Uint8Array {
  const builder = new ModuleBuilder();
  const functions = addFloatFunctions(builder, importSlowPath(builder));
  for (const operation of FLOAT_OPERATION_NAMES) {
    const parameters = [I32, I32, I64, I64, I64] as const;
    const { code } = builder.function({ parameters, results: [I64] }, operation);
    const [mayBeFast, mode, ...wide] = code.parameters;
    const hart = code.local(I32);
    const target: FloatTarget = {
      code,
      hart,
      functions,
      mayBeFast: mayBeFast!,
      mode: mode!,
      scratch: (type) => code.local(type),
    };
    const { takes, gives } = FLOAT_OPERATIONS[operation];
    const operands = takes.map((type, at) => {
      if (type === 'd') return wide[at]!;
      const narrow = code.local(I32);
      code.get(wide[at]!);
      code.op(Op.i32WrapI64);
      code.set(narrow);
      return narrow;
    });
    code.get(emitFloat(target, operation, operands));
    if (gives === 'w') code.op(Op.i64ExtendI32U);
  }
  return builder.encode();
}
