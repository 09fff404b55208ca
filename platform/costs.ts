/**
 * The cost model: how many cycles of the virtual chip each thing takes. Virtual time is the sum of
 * these, so it is a pure function of what ran. A system may declare its chip's own table.
 */

/**
 * Classes of instructions that a cost can be declared for. The class of a row is derived from its semantics. Square
 * roots are `floatDivide`; loads and stores of floating-point registers are loads and stores.
 */
export const INSTRUCTION_CLASSES = [
  'alu',
  'branchTaken',
  'branchNotTaken',
  'jump',
  'load',
  'store',
  'atomic',
  'multiply',
  'divide',
  'float',
  'floatDivide',
  'system',
] as const;
export type InstructionClass = (typeof INSTRUCTION_CLASSES)[number];

/** Cycles for every instruction class and for the hypervisor's services. Whole numbers; instructions cost at least 1. */
export interface CostModel {
  readonly instructions: Readonly<Record<InstructionClass, number>>;
  /** Taking a trap (exception or interrupt) into the guest, at least 1 so that a trap loop takes time. */
  readonly trap: number;
  /** Switching a core from one VM to another. */
  readonly contextSwitch: number;
  /** Besides that, where a hart goes on on another core than before: what it had in that one's caches it has to fetch again. */
  readonly migration: number;
  /** Base cost of any hypercall; the hypercall table adds to it. */
  readonly hypercall: number;
  /** Copying one byte of a message. May be a fraction; a copy's total is rounded up. */
  readonly copyPerByte: number;
  /** Restarting a VM: a base, plus this much for every KiB loaded from its image. */
  readonly restart: number;
  readonly loadPerKib: number;
  /** A request to a disk, at least 1: a base, plus this much for every byte of its buffers (may be a fraction). */
  readonly blockRequest: number;
  readonly blockPerByte: number;
}

export const DEFAULT_COSTS: CostModel = {
  instructions: {
    alu: 1,
    branchTaken: 1,
    branchNotTaken: 1,
    jump: 1,
    load: 1,
    store: 1,
    atomic: 1,
    multiply: 1,
    divide: 1,
    float: 1,
    floatDivide: 1,
    system: 1,
  },
  trap: 1,
  contextSwitch: 50,
  migration: 200,
  hypercall: 50,
  copyPerByte: 0.25,
  restart: 5_000,
  loadPerKib: 64,
  blockRequest: 2_000,
  blockPerByte: 0.25,
};

/** The default chip's clock. */
export const DEFAULT_FREQUENCY = 100_000_000;

/** Instructions of a constrained LR/SC sequence, which must succeed in the end (unprivileged architecture, Zalrsc). */
const CONSTRAINED_SEQUENCE = 16;

/**
 * The fewest cycles of a turn, so that a hart whose sequence another hart has cut short finishes it when it tries
 * again.
 */
export const shortestTurn = ({ instructions }: CostModel): number =>
  2 * CONSTRAINED_SEQUENCE * Math.max(...Object.values(instructions));
