import { Access, Stop } from '../../../../hypervisor/engine/step-contract';
import type { TranslationPolicy } from '../../../../hypervisor/engine/translator/policy';
import * as Layout from '../../../../hypervisor/hart/layout';
import type { CostModel } from '../../../../platform/costs';
import { RAM_BASE, SingleVm } from '../single-vm';
import { CODE, RAM, randomness, setRandomFloats, type Taste, writeRandomGuest } from './random-guest';

export interface Guest {
  readonly xlen: 32 | 64;
  readonly costs: CostModel;
  readonly seed: number;
  readonly taste: Taste;
}

/** A random guest, on a host that answers by what it is asked and remembers what it saw. */
export class RandomRun {
  readonly vm: SingleVm;
  /** All accesses outside of RAM, with the state that the host saw. */
  readonly seen: string[] = [];

  /** @param among if its code is also for other harts: how many VMs lie before it */
  constructor({ xlen, costs, seed, taste }: Guest, translation: TranslationPolicy | 'never', among?: number) {
    const answer =
      (what: string) =>
      (size: number): Access => {
        const { vm } = this;
        const address = vm.wide(Layout.ACCESS_ADDRESS);
        const left = [vm.field(Layout.CYCLES_LEFT), vm.field(Layout.INSTRUCTIONS_LEFT)];
        const data = what === 'store' ? BigInt.asUintN(8 * size, vm.wide(Layout.ACCESS_DATA)) : 0n;
        const x = Array.from({ length: 32 }, (_, index) => vm.x(index)).join();
        this.seen.push(`${what} ${size} ${address} ${data} at ${vm.pc} with ${left.join()}, ${x}`);
        const dice = Number(address % 13n);
        if (dice === 0) return vm.trap(what === 'load' ? 5 : 7);
        vm.wide(Layout.ACCESS_DATA, BigInt.asUintN(8 * size, address * 0x9e3779b97f4a7c15n));
        return dice === 1 ? Access.attention : Access.done;
      };
    const host = () => ({ load: answer('load'), store: answer('store') });
    this.vm = new SingleVm(
      { xlen, translated: false, costs, translation },
      { ram: RAM, host, ...(among !== undefined && { before: among }) },
    );
    this.vm.vm.sharesCode = among !== undefined;
    writeRandomGuest(this.vm, seed, taste);
  }

  /** That of other VMs, too. */
  get allRam(): Uint8Array {
    const { machine } = this.vm;
    const [, { start, end }] = machine.state;
    return machine.bytes.subarray(start, end);
  }

  /** All that a guest could tell apart. */
  get state(): unknown {
    const { vm } = this;
    return {
      pc: vm.pc.toString(16),
      x: Array.from({ length: 32 }, (_, index) => vm.x(index).toString(16)),
      f: Array.from({ length: 32 }, (_, index) => vm.f(index).toString(16)),
      control: vm.field(Layout.FLOAT_CONTROL).toString(16),
      held: vm.field(Layout.RESERVATION_VALID),
      seen: this.seen.length,
      last: this.seen.at(-1),
    };
  }
}

/**
 * Runs a guest in two ways, in pieces of random length, and compares at each stop; where it stops for another reason
 * than its budget, or leaves the code, it is put somewhere else, as a trap handler might.
 * @param among if the code is also for other harts: how many VMs lie before this one
 * @returns what differs, or undefined; and the instructions that ran.
 */
export function compareRuns(
  guest: Guest,
  translation: TranslationPolicy,
  pieces: number,
  among?: number,
): { readonly difference: unknown; readonly instructions: number; readonly translated: number } {
  const interpreted = new RandomRun(guest, 'never', among);
  const translated = new RandomRun(guest, translation, among);
  const random = randomness(guest.seed + 77);
  let instructions = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const most = [3, 20, 200, 2000][random(4)]!;
    const cycles = 1 + random(most * 3);
    const atMost = 1 + random(most);
    const expected = interpreted.vm.run(cycles, atMost);
    const actual = translated.vm.run(cycles, atMost);
    instructions += expected.instructions;
    const before = JSON.stringify([expected, interpreted.state]);
    const after = JSON.stringify([actual, translated.state]);
    const sameRam = Buffer.compare(interpreted.allRam, translated.allRam) === 0;
    const trap = expected.stop === Stop.trap ? interpreted.vm.trapTaken : undefined;
    const sameTrap = trap === undefined || trap.value === translated.vm.trapTaken.value;
    if (before !== after || !sameRam || !sameTrap) {
      const at = { piece, cycles, atMost, sameRam, sameTrap };
      return { difference: { at, interpreted: before, translated: after }, instructions, translated: 0 };
    }
    if (guest.taste.floats !== undefined && random(3) === 0) {
      const seed = random(0xffff);
      for (const { vm } of [interpreted, translated]) setRandomFloats(vm, randomness(seed));
    }
    if (expected.stop === Stop.budget || expected.stop === Stop.attention) continue;
    const pc = BigInt(RAM_BASE + random(CODE / 2) * 2);
    const floatOn = random(3) > 0 ? 0x300 : [0x100, 0x200][random(2)]!;
    for (const { vm } of [interpreted, translated]) {
      vm.pc = pc;
      // As a handler does who turns floating point on.
      if ((vm.field(Layout.FLOAT_CONTROL) & 0x300) === 0) vm.field(Layout.FLOAT_CONTROL, floatOn);
      // What has run away into data comes back.
      for (const register of [16, 17, 18, 19]) {
        vm.setX(register, BigInt(RAM_BASE + CODE + ((register * 1024 + piece * 8) % (RAM - CODE - 512))));
      }
    }
  }
  const sameSeen = interpreted.seen.join('\n') === translated.seen.join('\n');
  const translatedCount = translated.vm.engine.translatedInstructions;
  return {
    difference: sameSeen ? undefined : 'what the host saw',
    instructions,
    translated: translatedCount,
  };
}
