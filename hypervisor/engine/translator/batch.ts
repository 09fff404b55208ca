/**
 * Several functions as one WebAssembly module: they call each other directly, and know of each other which registers
 * they leave alone. Exports `f0`, `f1`, … in the order of the regions.
 */
import { writeMulhu } from '../interpreter/helpers';
import type { Code } from '../wasm/code';
import { ModuleBuilder } from '../wasm/module';
import { I64 } from '../wasm/opcodes';
import { Budget, type Cost } from './budget';
import type { Neighbours } from './calls';
import { structured } from './control-flow';
import { FloatFunctions } from './float-functions';
import { FloatRegisters, hasFloat, singlesOf } from './float-registers';
import { FunctionFrame } from './function-frame';
import { inlineCalls } from './inline';
import { stackUseOf } from './host-stack';
import { Lowering } from './lower';
import { parametersOf, signatureWith, writeEntry } from './parameters';
import { callSignatureOf, signatureOf, type Place } from './place';
import { allOf, type Work } from './portions';
import type { Region } from './region';
import {
  FLOAT_REGISTERS,
  INTEGER_REGISTERS,
  RegisterFlow,
  type RegisterKind,
  summariesOf,
  type Summary,
} from './registers';
import { BASES } from './shared-places';
import { unroll } from './unroll';

export interface Translation {
  readonly module: Uint8Array;
  /** By function: what must be left for it to begin. */
  readonly needs: readonly Cost[];
  /** By function: its own region, and those that were copied into it. */
  readonly madeOf: readonly ReadonlySet<Region>[];
}

/** Of any function: its region, if it may be copied into its callers. */
export type RegionOf = (entry: number) => Region | undefined;

/** @param regions each of another entry */
export function translate(
  place: Place,
  regions: readonly Region[],
  regionOf: RegionOf = () => undefined,
): Translation {
  const batch = new Batch(place, regions, regionOf);
  allOf(batch.translate());
  return batch.finish();
}

/** Into so many, which take about as long as each other, a translation is cut. */
export const PASSES = 5;

/** A translation that is made pass by pass. */
export class Batch {
  readonly #builder: ModuleBuilder;
  readonly #mulhu: number;
  readonly #functions: ReadonlyMap<number, { readonly index: number; readonly code: Code }>;
  readonly #floatFunctions: FloatFunctions;
  readonly #byEntry: ReadonlyMap<number, Region>;
  readonly #parameters: ReadonlyMap<number, number>;
  readonly #others: Neighbours['others'];
  readonly #summaries = new Map<RegisterKind, ReadonlyMap<number, Summary>>();
  readonly #needs: Cost[] = [];
  readonly #madeOf: ReadonlySet<Region>[] = [];

  constructor(
    readonly place: Place,
    readonly regions: readonly Region[],
    readonly regionOf: RegionOf,
  ) {
    const builder = new ModuleBuilder(place.isShared === true ? BASES : undefined);
    this.#builder = builder;
    const signature = signatureOf(place);
    this.#others =
      place.addresses === 'physical'
        ? { type: builder.table(signature) }
        : { call: builder.import('call', callSignatureOf(place)) };
    const mulhu = builder.function({ parameters: [I64, I64], results: [I64] });
    writeMulhu(mulhu.code);
    this.#mulhu = mulhu.index;
    this.#parameters = new Map(regions.map((region) => [region.entry, parametersOf(region, place)]));
    this.#functions = new Map(
      regions.map(({ entry }, at) => {
        const taken = this.#parametersAt(entry);
        const exportAs = taken === 0 ? `f${at}` : undefined;
        const type = signatureWith(taken, place);
        return [entry, builder.function(type, exportAs, `guest_${entry.toString(16)}`)];
      }),
    );
    this.#byEntry = new Map(regions.map((region) => [region.entry, region]));
    this.#floatFunctions = new FloatFunctions(builder, place);
  }

  /** Regions that were translated, and those that were copied into them. */
  get madeOf(): Iterable<Region> {
    return new Set(this.#madeOf.flatMap((each) => [...each]));
  }

  /** Translates all functions, one after the other. */
  *translate(): Work<void> {
    for (const region of this.regions) {
      this.#needs.push(yield* this.#translateOne(region));
      yield region.addresses.size / PASSES;
    }
  }

  finish(): Translation {
    return { module: this.#builder.encode(), needs: this.#needs, madeOf: this.#madeOf };
  }

  *#translateOne(region: Region): Work<Cost> {
    const pass = region.addresses.size / PASSES;
    const { place } = this;
    const { entry } = region;
    const { index, code } = this.#functions.get(entry)!;
    const { nodes, inlined } = inlineCalls(region, this.regionOf);
    const number = this.#madeOf.push(new Set([region, ...inlined])) - 1;
    yield pass;
    const turning = yield* structured(entry, nodes, pass);
    yield pass;
    const flow = unroll(turning);
    yield pass;
    const budget = new Budget(flow, place.costs);
    const parametersAt = (callee: number): number => this.#parametersAt(callee);
    const ofIntegers = this.#summaryOf(INTEGER_REGISTERS);
    const registers = new RegisterFlow(flow, budget.isSite, ofIntegers, INTEGER_REGISTERS, parametersAt);
    yield pass;
    const taken = parametersAt(entry);
    const frame = new FunctionFrame(place, code, { mulhu: this.#mulhu }, this.#floatFunctions, taken);
    if (hasFloat(flow.blocks)) {
      const ofFloats = this.#summaryOf(FLOAT_REGISTERS);
      const floats = new RegisterFlow(flow, budget.isSite, ofFloats, FLOAT_REGISTERS);
      frame.floats = new FloatRegisters(frame, floats, singlesOf(flow.blocks));
    }
    // With all copies: they have values of their own, which may be kept on the stack.
    const stackUse = stackUseOf(flow.blocks.reduce((sum, block) => sum + block.instructions.length, 0));
    const neighbours = {
      functionOf: (callee: number) => this.#functions.get(callee)?.index,
      parametersOf: parametersAt,
      others: this.#others,
    };
    new Lowering(frame, flow, budget, registers, neighbours, stackUse).write();
    if (taken !== 0)
      writeEntry(this.#builder.function(signatureOf(place), `f${number}`).code, taken, index, place);
    return budget.needs[0]!;
  }

  #parametersAt(entry: number): number {
    return this.#parameters.get(entry) ?? 0;
  }

  #summaryOf(kind: RegisterKind): (callee: number) => Summary | undefined {
    return (callee) => {
      let known = this.#summaries.get(kind);
      if (known === undefined) this.#summaries.set(kind, (known = summariesOf(this.#byEntry, kind)));
      return known.get(callee);
    };
  }
}
