import { CYCLES_LEFT, INSTRUCTIONS_LEFT, PC } from '../hart/layout';
import type { VmMemory } from '../memory/machine-memory';
import type { EngineContract, EngineOptions } from './engine-contract';
import { floatImport, SLOW_PATH_IMPORT } from './float/slow-path';
import { interpreterModule } from './interpreter/compile';
import { DecodeAhead } from './interpreter/decode-ahead';
import { Stop } from './step-contract';

export { Intent, MOST_BUDGET, type EngineHost, type EngineOptions } from './engine-contract';

type Run = (block: number) => Stop;

const TWO_TO_32 = 0x100000000;

/** Runs one hart by the generated interpreter. */
export class Engine implements EngineContract {
  readonly #vm: VmMemory;
  readonly #options: EngineOptions;
  readonly #block: number;
  readonly #decoder: DecodeAhead;
  readonly #words: Int32Array;
  readonly #unsigned: Uint32Array;
  #plain: Run | undefined;
  #guarded: Run | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#vm = options.vm;
    this.#block = options.hart.block;
    this.#decoder = new DecodeAhead(options.xlen, options.vm);
    this.#words = options.vm.machine.words;
    this.#unsigned = options.vm.machine.unsignedWords;
  }

  run(guarded = false): Stop {
    const { ramBase } = this.#vm;
    const run = guarded
      ? (this.#guarded ??= this.#instantiate(true))
      : (this.#plain ??= this.#instantiate(false));
    for (;;) {
      const stop = run(this.#block);
      if (stop === Stop.undecoded) {
        const offset = this.#pc() - ramBase;
        if (!this.#decoder.decode(offset)) return Stop.fetch;
      } else if (stop !== Stop.budget || this.#isSpent()) {
        return stop;
      }
    }
  }

  step(guarded = false): Stop {
    const counter = (this.#block + INSTRUCTIONS_LEFT) >>> 2;
    const instructions = this.#words[counter]!;
    if (instructions <= 0) return Stop.budget;
    const offset = this.#pc() - this.#vm.ramBase;
    const isPlanted = this.#vm.breakpoints.delete(offset);
    if (isPlanted) this.#vm.forget(offset, offset + 2);
    this.#words[counter] = 1;
    const stop = this.run(guarded);
    this.#words[counter] = instructions - 1 + this.#words[counter];
    if (isPlanted) this.plantBreakpoint(offset + this.#vm.ramBase);
    return stop;
  }

  instructionAt(address: number): number {
    return this.#decoder.instructionAt(address - this.#vm.ramBase);
  }

  plantBreakpoint(address: number): void {
    const offset = address - this.#vm.ramBase;
    if (offset < 0 || offset >= this.#vm.ramSize) return;
    this.#vm.breakpoints.add(offset);
    this.#vm.forget(offset, offset + 2);
  }

  clearBreakpoint(address: number): void {
    const offset = address - this.#vm.ramBase;
    if (this.#vm.breakpoints.delete(offset)) this.#vm.forget(offset, offset + 2);
  }

  #isSpent(): boolean {
    const block = this.#block;
    return (
      this.#words[(block + CYCLES_LEFT) >>> 2]! <= 0 || this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]! <= 0
    );
  }

  /** PC as a number: exact wherever RAM is. */
  #pc(): number {
    const at = (this.#block + PC) >>> 2;
    return this.#unsigned[at + 1]! * TWO_TO_32 + this.#unsigned[at]!;
  }

  #instantiate(guarded: boolean): Run {
    const { xlen, costs, host } = this.#options;
    const module = interpreterModule({ xlen, costs: costs.instructions, guarded });
    const imports = {
      memory: this.#vm.machine.memory,
      load: (size: number) => host.load(size as 1 | 2 | 4 | 8),
      [SLOW_PATH_IMPORT]: floatImport(this.#unsigned),
      store: (size: number) => host.store(size as 1 | 2 | 4 | 8),
      permit: (size: number, intent: number) => host.permit(size as 1 | 2 | 4 | 8, intent as 1 | 2 | 3),
    };
    return new WebAssembly.Instance(module, { host: imports }).exports['run'] as Run;
  }
}
