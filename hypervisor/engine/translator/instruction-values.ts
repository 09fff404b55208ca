import type { FloatLeaf, FloatValue, Leaf, Value } from '../../isa/semantics';
import { Values } from '../interpreter/values';
import type { Local } from '../wasm/code';
import { F32, F64, Op } from '../wasm/opcodes';
import { isFloatLeaf, pushBits } from './float-registers';
import { FloatValues } from './float-values';
import type { FunctionFrame } from './function-frame';
import type { GuestInstruction } from './region';

/** Values of a translated instruction: registers are locals, all else is constant. */
export class InstructionValues extends Values {
  /** Its numbers, if it has any. */
  readonly numbers: FloatValues | undefined;

  constructor(
    readonly frame: FunctionFrame,
    readonly guest: GuestInstruction,
  ) {
    super(frame, guest.instruction.semantics);
    if (guest.instruction.facts.needsFloat) this.numbers = new FloatValues(this);
  }

  protected pushLeaf(leaf: Leaf | FloatLeaf): void {
    const { code, xType } = this.frame;
    const { address, length, imm, rs1, rs2 } = this.guest;
    switch (leaf) {
      case 'rs1':
      case 'rs2': {
        const number = leaf === 'rs1' ? rs1 : rs2;
        if (number === 0) code.constant(xType, 0);
        else code.get(this.frame.register(number));
        break;
      }
      case 'imm':
        code.constant(xType, imm);
        break;
      case 'pc':
        code.constant(xType, address);
        break;
      case 'next':
        code.constant(xType, address + length);
        break;
      default:
        pushBits(this.frame, this.numbers!.register(leaf));
    }
  }

  protected pushLowOfLeaf(leaf: Leaf | FloatLeaf): boolean {
    return this.pushUnboxedLeaf(leaf);
  }

  protected override pushUnboxedLeaf(leaf: Leaf | FloatLeaf): boolean {
    const local = this.numbers?.registerOf(leaf);
    if (local?.type !== F32) return false;
    this.frame.code.get(local);
    this.frame.code.op(Op.i32ReinterpretF32);
    return true;
  }

  protected override pushFloat(value: FloatValue): void {
    const { code } = this.frame;
    const result = this.numbers!.compute(value);
    code.get(result);
    if (result.type === F32) code.op(Op.i32ReinterpretF32);
    else if (result.type === F64) code.op(Op.i64ReinterpretF64);
  }

  /** The double that a value is, if that is at hand as a number. */
  doubleOf(value: Value): Local<typeof F64> | undefined {
    const local = isFloatLeaf(value) ? this.numbers!.register(value.op) : undefined;
    return local?.type === F64 ? (local as Local<typeof F64>) : undefined;
  }
}
