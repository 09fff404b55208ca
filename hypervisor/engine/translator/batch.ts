/**
 * Several functions as one WebAssembly module: they call each other directly, and know of each other which registers
 * they leave alone. Exports `f0`, `f1`, … in the order of the regions.
 */
import { writeMulhu } from '../interpreter/helpers';
import { ModuleBuilder } from '../wasm/module';
import { I64 } from '../wasm/opcodes';
import { Budget, type Cost } from './budget';
import { structured } from './control-flow';
import { FloatFunctions } from './float-functions';
import { FloatRegisters, hasFloat, singlesOf } from './float-registers';
import { FunctionFrame } from './function-frame';
import { inlineCalls } from './inline';
import { stackUseOf } from './host-stack';
import { Lowering } from './lower';
import { parametersOf, signatureWith, writeEntry } from './parameters';
import { callSignatureOf, signatureOf, type Place } from './place';
import type { Region } from './region';
import {
  FLOAT_REGISTERS,
  INTEGER_REGISTERS,
  RegisterFlow,
  type RegisterKind,
  summariesOf,
  type Summary,
} from './registers';
import { unroll } from './unroll';

export interface Translation {
  readonly module: Uint8Array;
  /** By function: what must be left for it to begin. */
  readonly needs: readonly Cost[];
  /** By function: its own region, and those that were copied into it. */
  readonly madeOf: readonly ReadonlySet<Region>[];
}

/**
 * @param regions each of another entry
 * @param regionOf the region of any function that may be copied into its callers
 */
export function translate(
  place: Place,
  regions: readonly Region[],
  regionOf: (entry: number) => Region | undefined = () => undefined,
): Translation {
  const builder = new ModuleBuilder();
  const signature = signatureOf(place);
  const others =
    place.addresses === 'physical'
      ? { type: builder.table(signature) }
      : { call: builder.import('call', callSignatureOf(place)) };
  const mulhu = builder.function({ parameters: [I64, I64], results: [I64] });
  writeMulhu(mulhu.code);
  const parameters = new Map(regions.map((region) => [region.entry, parametersOf(region, place)]));
  const parametersAt = (entry: number): number => parameters.get(entry) ?? 0;
  const functions = new Map(
    regions.map(({ entry }, at) => {
      const taken = parametersAt(entry);
      const exportAs = taken === 0 ? `f${at}` : undefined;
      return [entry, builder.function(signatureWith(taken, place), exportAs, `guest_${entry.toString(16)}`)];
    }),
  );
  const byEntry = new Map(regions.map((region) => [region.entry, region]));
  const summaries = new Map<RegisterKind, ReadonlyMap<number, Summary>>();
  const summaryOf =
    (kind: RegisterKind) =>
    (callee: number): Summary | undefined => {
      let known = summaries.get(kind);
      if (known === undefined) summaries.set(kind, (known = summariesOf(byEntry, kind)));
      return known.get(callee);
    };
  const floatFunctions = new FloatFunctions(builder, place);
  const neighbours = {
    functionOf: (entry: number) => functions.get(entry)?.index,
    parametersOf: parametersAt,
    others,
  };
  const madeOf: ReadonlySet<Region>[] = [];
  const needs = regions.map((region, at) => {
    const { entry } = region;
    const { index, code } = functions.get(entry)!;
    const { nodes, inlined } = inlineCalls(region, regionOf);
    madeOf.push(new Set([region, ...inlined]));
    const flow = unroll(structured(entry, nodes));
    const budget = new Budget(flow, place.costs);
    const ofIntegers = summaryOf(INTEGER_REGISTERS);
    const registers = new RegisterFlow(flow, budget.isSite, ofIntegers, INTEGER_REGISTERS, parametersAt);
    const taken = parametersAt(entry);
    const frame = new FunctionFrame(place, code, { mulhu: mulhu.index }, floatFunctions, taken);
    if (hasFloat(flow.blocks)) {
      const floats = new RegisterFlow(flow, budget.isSite, summaryOf(FLOAT_REGISTERS), FLOAT_REGISTERS);
      frame.floats = new FloatRegisters(frame, floats, singlesOf(flow.blocks));
    }
    // With all copies: they have values of their own, which may be kept on the stack.
    const stackUse = stackUseOf(flow.blocks.reduce((sum, block) => sum + block.instructions.length, 0));
    new Lowering(frame, flow, budget, registers, neighbours, stackUse).write();
    if (taken !== 0) writeEntry(builder.function(signature, `f${at}`).code, taken, index, place);
    return budget.needs[0]!;
  });
  return { module: builder.encode(), needs, madeOf };
}
