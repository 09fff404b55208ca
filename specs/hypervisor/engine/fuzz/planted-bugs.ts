/**
 * Bugs that are planted into the translator while it writes code, one for each kind of thing that it decides: a fuzzer
 * that does not find them would not find their likes.
 */
import { Budget } from '../../../../hypervisor/engine/translator/budget';
import type { Edge, FlowBlock } from '../../../../hypervisor/engine/translator/control-flow';
import { FunctionFrame } from '../../../../hypervisor/engine/translator/function-frame';
import { Lowering } from '../../../../hypervisor/engine/translator/lower';
import type { Place } from '../../../../hypervisor/engine/translator/place';
import { type CheckedPlace, GuestAccesses } from '../../../../hypervisor/engine/translator/guest-accesses';
import { Calls } from '../../../../hypervisor/engine/translator/calls';
import { FloatFunctions } from '../../../../hypervisor/engine/translator/float-functions';
import type { FloatRegisters } from '../../../../hypervisor/engine/translator/float-registers';
import { BASES } from '../../../../hypervisor/engine/translator/shared-places';
import { VirtualAccesses } from '../../../../hypervisor/engine/translator/virtual-accesses';
import type { DataUse } from '../../../../hypervisor/engine/translated-address';
import type { MemoryKind, Value } from '../../../../hypervisor/isa/semantics';
import { CLEAR_FROM } from '../../../../hypervisor/memory/code-changes';
import { PAGE_SHIFT } from '../../../../hypervisor/memory/page-flags';
import { TranslationBanks } from '../../../../hypervisor/memory/translation-banks';
import { VmMemory } from '../../../../hypervisor/memory/vm-memory';
import { QuickSystem } from '../../../../hypervisor/engine/translator/quick-system';
import { RegionFinder } from '../../../../hypervisor/engine/translator/region';
import { RegisterFlow } from '../../../../hypervisor/engine/translator/registers';
import { Code, type Local } from '../../../../hypervisor/engine/wasm/code';
import { Arithmetic, Compare, I32, Op } from '../../../../hypervisor/engine/wasm/opcodes';

export interface PlantedBug {
  readonly name: string;
  /** Plants it, for all that is translated from now on in this process. */
  plant(): void;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Wraps a method, so that it is called with other arguments or not at all. */
function wrap<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  around: (method: Target[Name]) => Target[Name],
): void {
  target[name] = around(target[name]);
}

/** Writes another operation in the place of one. */
function swap(kind: 'arithmetic' | 'compare', from: string, to: string): PlantedBug {
  const plant = (): void =>
    wrap(Code.prototype, kind, (method) => {
      return function (this: Code, type: never, name: never): void {
        method.call(this, type, (name === from ? to : name) as never);
      };
    });
  return { name: `${kind} ${from} becomes ${to}`, plant };
}

function swapAccess(from: keyof typeof Op, to: keyof typeof Op): PlantedBug {
  const plant = (): void =>
    wrap(Code.prototype, 'access', (method) => {
      return function (this: Code, opcode: number, offset?: number): void {
        method.call(this, opcode === Op[from] ? Op[to] : opcode, offset);
      };
    });
  return { name: `${from} becomes ${to}`, plant };
}

function swapOp(from: keyof typeof Op, to: keyof typeof Op): PlantedBug {
  const plant = (): void =>
    wrap(Code.prototype, 'op', (method) => {
      return function (this: Code, opcode: number): void {
        method.call(this, opcode === Op[from] ? Op[to] : opcode);
      };
    });
  return { name: `${from} becomes ${to}`, plant };
}

/** Changes what a function is written from. */
function before(name: string, change: (lowering: Lowering) => void): PlantedBug {
  const plant = (): void =>
    wrap(Lowering.prototype, 'write', (method) => {
      return function (this: Lowering): void {
        change(this);
        method.call(this);
      };
    });
  return { name, plant };
}

/** Writes functions for a place that is not quite theirs. */
const misplaced = (name: string, change: (place: Mutable<Place>) => void): PlantedBug =>
  before(name, ({ frame }) => {
    const place: Mutable<Place> = { ...frame.place };
    change(place);
    (frame as Mutable<FunctionFrame>).place = place;
  });

/** Comparisons that the translator has no use for. */
const UNUSED = ['gtS', 'leS'];

const lowestBit = (mask: number): number => mask & -mask;

const neighbours = <Name extends string>(names: readonly Name[], kind: 'arithmetic' | 'compare') =>
  names.map((name, at) => swap(kind, name, names[(at + 1) % names.length]!));

const onRegisters = (name: 'store' | 'load', what: string): PlantedBug => ({
  name: `${what} forgets the lowest register`,
  plant: () =>
    wrap(FunctionFrame.prototype, name, (method) => {
      return function (this: FunctionFrame, registers: number): void {
        method.call(this, registers & ~lowestBit(registers));
      };
    }),
});

/** All VMs find something where the first one has it. */
const takenFromFirst = (name: string): PlantedBug => ({
  name: `shared code finds ${name} where another VM has it`,
  plant: () => {
    let first: unknown;
    WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
      construct(target, [module, imports]: ConstructorParameters<typeof WebAssembly.Instance>) {
        const { host } = imports;
        if (host?.[name] === undefined) return new target(module, imports);
        first ??= host[name];
        return new target(module, { host: { ...host, [name]: first as number } });
      },
    });
  },
});

/** What is asked of addresses behind page tables. */
interface PageLookUp {
  find(address: Value, kind: MemoryKind, use: DataUse): CheckedPlace;
  leaveIfWatched(place: CheckedPlace, size?: number): Local;
  pushIsElsewhere(address: Local, size: number, page: Local): void;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...neighbours(Object.keys(Arithmetic), 'arithmetic'),
  ...neighbours(
    Object.keys(Compare).filter((name) => !UNUSED.includes(name)),
    'compare',
  ),
  swapAccess('i32Load8S', 'i32Load8U'),
  swapAccess('i32Load8U', 'i32Load8S'),
  swapAccess('i32Load16S', 'i32Load16U'),
  swapAccess('i32Load16U', 'i32Load16S'),
  swapAccess('i64Load32S', 'i64Load32U'),
  swapAccess('i32Store', 'i32Store16'),
  swapAccess('i64Store', 'i64Store32'),
  swapAccess('i32Store8', 'i32Store16'),
  swapAccess('i32Store16', 'i32Store8'),
  swapOp('i64ExtendI32S', 'i64ExtendI32U'),
  swapOp('i64ExtendI32U', 'i64ExtendI32S'),
  swapOp('i32Eqz', 'i32Extend8S'),
  onRegisters('store', 'who leaves or calls'),
  onRegisters('load', 'a function or a return'),
  {
    name: 'a cycle too much is paid',
    plant: () =>
      wrap(FunctionFrame.prototype, 'pay', (method) => {
        return function (this: FunctionFrame, more = { cycles: 0, instructions: 0 }): void {
          method.call(this, { cycles: more.cycles + 1, instructions: more.instructions });
        };
      }),
  },
  {
    name: 'the interpreter goes on one instruction later',
    plant: () =>
      wrap(FunctionFrame.prototype, 'leaveFor', (method) => {
        return function (this: FunctionFrame, address: number, how, more): void {
          method.call(this, how === 'interpret' ? address + 4 : address, how, more);
        };
      }),
  },
  {
    name: 'a branch that is not taken costs what a taken one does',
    plant: () =>
      wrap(Budget.prototype, 'ofWay', (method) => {
        return function (this: Budget, block): ReturnType<Budget['ofWay']> {
          return method.call(this, block, 0);
        };
      }),
  },
  {
    name: 'calls are taken to leave registers alone',
    plant: () =>
      wrap(RegisterFlow.prototype, 'summary', () => {
        return (): ReturnType<RegisterFlow['summary']> => ({ mentions: 0, modifies: 0 });
      }),
  },
  before('a function asks for too little budget', ({ budget }) => {
    const needs = budget.needs as Mutable<Budget['needs']>;
    needs[0] = { cycles: needs[0]!.cycles - 1, instructions: needs[0]!.instructions - 1 };
  }),
  before('a loop asks for too little budget', ({ budget, flow }) => {
    const needs = budget.needs as Mutable<Budget['needs']>;
    for (const { isLoopHeader, index } of flow.blocks) {
      if (isLoopHeader) needs[index] = { cycles: 1, instructions: 1 };
    }
  }),
  before('a register is not known to be dirty', ({ registers: { dirty } }) => {
    for (let at = 1; at < dirty.length; at++) dirty[at]! &= ~lowestBit(dirty[at]!);
  }),
  before('a register is not known to be needed', ({ registers: { needed } }) => {
    needed[0]! &= ~lowestBit(needed[0]!);
  }),
  before('the ways of a branch are swapped', ({ flow }) => {
    const branch = flow.blocks.find(
      ({ edges }) => edges.length === 2 && edges.every(({ isBack }) => !isBack),
    );
    (branch?.edges as Edge[] | undefined)?.reverse();
  }),
  before('accesses share a check that was for another value of their register', ({ frame }) => {
    frame.checked.delete = () => false;
  }),
  before('a block goes by what another has checked, whatever lies between', ({ frame }) => {
    frame.checked.clear = () => {};
  }),
  before('a function looks for its parameters in the block of the hart', ({ frame }) => {
    (frame as Mutable<FunctionFrame>).parameters = 0;
  }),
  before('the end of a function that stands in for its call is taken to return', ({ flow }) => {
    for (const block of flow.blocks as Mutable<FlowBlock>[])
      if (block.ending.is === 'inlined-return') block.ending = { is: 'jump', to: 0 };
  }),
  {
    name: 'a call is taken to come back to where it was expected',
    plant: () =>
      wrap(Calls.prototype, 'call', (method) => {
        return function (this: Calls, block, to): void {
          method.call(this, block, to);
          if (block.ending.is !== 'call') return;
          const { code, xType, next } = this.frame;
          code.constant(xType, block.ending.returnsTo);
          code.set(next);
        };
      }),
  },
  {
    name: 'what is reserved is put where nobody looks for it',
    plant: () =>
      wrap(GuestAccesses.prototype, 'write', (method) => {
        return function (this: GuestAccesses, step): void {
          const frame = this.frame as Mutable<FunctionFrame>;
          const { place } = frame;
          if (step.op === 'loadReserved') frame.place = { ...place, hart: place.hart + 8 };
          method.call(this, step);
          frame.place = place;
        };
      }),
  },
  before('a register of doubles is taken for one of singles', ({ frame: { floats } }) => {
    if (floats !== undefined) (floats as Mutable<FloatRegisters>).singles = -1;
  }),
  before('an f register is not known to be dirty', ({ frame: { floats } }) => {
    const dirty = floats?.flow.dirty ?? [];
    for (let at = 1; at < dirty.length; at++) dirty[at]! &= ~lowestBit(dirty[at]!);
  }),
  {
    name: 'inexact is taken to be raised',
    plant: () => (FloatFunctions.prototype.pushFlags = (code) => code.i32(1)),
  },
  {
    name: 'operations are taken to be exact',
    plant: () =>
      wrap(FloatFunctions.prototype, 'isExact', (method) => {
        return function (this: FloatFunctions, operation, part, operands): number {
          return method.call(this, operation, part, operands, ({ code }) => code.i32(1));
        };
      }),
  },
  // Who looks into the table of entries of another, which does not run, only leaves too often.
  ...BASES.names.filter((name) => name !== 'entries').map(takenFromFirst),
  before('a jump by table goes to another of its targets', ({ flow }) => {
    const table = flow.blocks.find(({ ending, edges }) => ending.is === 'jump-table' && edges.length > 1);
    const edges = table?.edges as Mutable<Edge>[] | undefined;
    if (edges !== undefined) [edges[0]!.address, edges[1]!.address] = [edges[1]!.address, edges[0]!.address];
  }),
  {
    name: 'what is skipped is kept, and what is not is not',
    plant: () =>
      wrap(Code.prototype, 'op', (method) => {
        return function (this: Code, opcode: number): void {
          if (opcode === Op.select) method.call(this, Op.i32Eqz);
          method.call(this, opcode);
        };
      }),
  },
  {
    name: 'what is skipped is paid for',
    plant: () =>
      wrap(FunctionFrame.prototype, 'payIf', (method) => {
        return function (this: FunctionFrame, condition, one, other): void {
          method.call(this, condition, other, one);
        };
      }),
  },
  {
    name: 'code is taken to be where it was',
    plant: () => (TranslationBanks.prototype.fetchEpoch = () => 7),
  },
  {
    name: 'a far call leads to the instruction behind its target',
    plant: () =>
      wrap(RegionFinder.prototype, 'farTarget', (method) => {
        return function (this: RegionFinder, auipc, jump): number {
          return method.call(this, auipc, jump) + 4;
        };
      }),
  },
  {
    name: 'interrupts are enabled though one is waiting',
    plant: () =>
      (QuickSystem.prototype.pushWaiting = function (this: QuickSystem): void {
        this.frame.code.i32(0);
      }),
  },
  {
    name: 'the tables that code was found by are not watched',
    plant: () => (VmMemory.prototype.markCodeTable = () => {}),
  },
  {
    name: 'a page is remembered for stores though there is code',
    plant: () =>
      wrap(VirtualAccesses.prototype as unknown as PageLookUp, 'leaveIfWatched', (method) => {
        return function (this: PageLookUp & VirtualAccesses, place: CheckedPlace, size?: number): Local {
          method.call(this, place, size);
          return this.frame.code.local(I32);
        };
      }),
  },
  {
    name: 'a page that may be read is taken to be one that may be written',
    plant: () =>
      wrap(VirtualAccesses.prototype as unknown as PageLookUp, 'find', (method) => {
        return function (this: PageLookUp, address: Value, kind: MemoryKind): CheckedPlace {
          return method.call(this, address, kind, 'read');
        };
      }),
  },
  {
    name: 'an access may end behind the page that is remembered',
    plant: () =>
      wrap(VirtualAccesses.prototype as unknown as PageLookUp, 'pushIsElsewhere', (method) => {
        return function (this: PageLookUp, address: Local, _size: number, page: Local): void {
          method.call(this, address, 1, page);
        };
      }),
  },
  misplaced('RAM is taken to be larger', (place) => (place.ramSize += 8)),
  misplaced('RAM is taken to begin earlier', (place) => (place.ramBase -= 8)),
  misplaced('flags of another page are looked at', (place) => (place.pageFlags += 1)),
  {
    name: 'the last page with code is not known to have any',
    plant: () =>
      wrap(VmMemory.prototype, 'markCode', (method) => {
        return function (this: VmMemory, page): void {
          method.call(this, page);
          this.machine.unsignedWords[(this.codeChanges + CLEAR_FROM) >>> 2] =
            this.ramBase + (page << PAGE_SHIFT);
        };
      }),
  },
  misplaced('another line is looked at for code', (place) => (place.codeLines += 16)),
];
