/**
 * Several functions as one WebAssembly module: they call each other directly, and know of each other which registers
 * they leave alone. Exports `f0`, `f1`, … in the order of the regions.
 */
import { writeMulhu } from '../interpreter/helpers';
import { ModuleBuilder } from '../wasm/module';
import { I64 } from '../wasm/opcodes';
import { Budget, type Cost } from './budget';
import { controlFlow } from './control-flow';
import { FloatFunctions } from './float-functions';
import { FloatRegisters, hasFloat, singlesOf } from './float-registers';
import { FunctionFrame } from './function-frame';
import { Lowering, stackUseOf } from './lower';
import { signatureOf, type Place } from './place';
import type { Region } from './region';
import { FLOAT_REGISTERS, RegisterFlow, summariesOf } from './registers';

export interface Translation {
  readonly module: Uint8Array;
  /** By function: what must be left for it to begin. */
  readonly needs: readonly Cost[];
}

/** @param regions each of another entry */
export function translate(place: Place, regions: readonly Region[]): Translation {
  const builder = new ModuleBuilder();
  const signature = signatureOf(place);
  const type = builder.table(signature);
  const mulhu = builder.function({ parameters: [I64, I64], results: [I64] });
  writeMulhu(mulhu.code);
  const functions = regions.map((_, at) => builder.function(signature, `f${at}`));
  const indices = new Map(regions.map(({ entry }, at) => [entry, functions[at]!.index]));
  const byEntry = new Map(regions.map((region) => [region.entry, region]));
  const summaries = summariesOf(byEntry);
  const floatSummaries = regions.some(hasFloat) ? summariesOf(byEntry, FLOAT_REGISTERS) : undefined;
  const floatFunctions = new FloatFunctions(builder, place);
  const needs = regions.map((region, at) => {
    const flow = controlFlow(region);
    const budget = new Budget(flow, place.costs);
    const registers = new RegisterFlow(flow, budget.isSite, (callee) => summaries.get(callee));
    const frame = new FunctionFrame(place, functions[at]!.code, { mulhu: mulhu.index }, floatFunctions);
    if (hasFloat(region)) {
      const floats = new RegisterFlow(
        flow,
        budget.isSite,
        (callee) => floatSummaries!.get(callee),
        FLOAT_REGISTERS,
      );
      frame.floats = new FloatRegisters(frame, floats, singlesOf(region));
    }
    const neighbours = { functionOf: (entry: number) => indices.get(entry), type };
    const stackUse = stackUseOf(region.addresses.size);
    new Lowering(frame, flow, budget, registers, neighbours, stackUse).write();
    return budget.needs[0]!;
  });
  return { module: builder.encode(), needs };
}
