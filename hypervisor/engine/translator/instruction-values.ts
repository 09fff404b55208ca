import type { FloatLeaf, Leaf } from '../../isa/semantics';
import { Values } from '../interpreter/values';
import type { FunctionFrame } from './function-frame';
import type { GuestInstruction } from './region';

/** Values of a translated instruction: registers are locals, all else is constant. */
export class InstructionValues extends Values {
  constructor(
    readonly frame: FunctionFrame,
    readonly guest: GuestInstruction,
  ) {
    super(frame, guest.instruction.semantics);
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
        throw new Error(`${leaf} is not translated`);
    }
  }

  protected pushLowOfLeaf(): boolean {
    return false;
  }
}
