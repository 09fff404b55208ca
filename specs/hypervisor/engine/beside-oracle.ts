import { Stop } from '../../../hypervisor/engine/step-contract';
import * as Layout from '../../../hypervisor/hart/layout';
import { Decoded, decoderOf } from '../../../hypervisor/isa/decode';
import { Oracle, type OracleOutcome } from '../../../hypervisor/isa/oracle';
import { RAM_BASE, type SingleVm } from './single-vm';

/** The oracle with a copy of a VM's state, to run beside the engine. */
export class BesideOracle {
  readonly oracle: Oracle;
  readonly ram: Uint8Array;
  readonly #decoded = new Decoded();
  cycles = 0;
  instructions = 0;

  constructor(readonly vm: SingleVm) {
    const ram = Uint8Array.from(vm.ram);
    const within = (address: bigint, size: number): number | undefined => {
      const offset = address - BigInt(RAM_BASE);
      return offset >= 0n && offset + BigInt(size) <= BigInt(ram.length) ? Number(offset) : undefined;
    };
    this.ram = ram;
    this.oracle = new Oracle(vm.kind.xlen, {
      load: (address, size) => {
        const at = within(address, size);
        if (at === undefined) return undefined;
        let value = 0n;
        for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(ram[at + i]!);
        return value;
      },
      store: (address, size, value) => {
        const at = within(address, size);
        if (at === undefined) return false;
        for (let i = 0; i < size; i++) ram[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        return true;
      },
    });
    this.oracle.pc = vm.pc;
    for (let i = 0; i < 32; i++) this.oracle.x[i] = vm.x(i);
    for (let i = 0; i < 32; i++) this.oracle.f[i] = vm.f(i);
    const control = vm.field(Layout.FLOAT_CONTROL);
    this.oracle.fflags = control & 0x1f;
    this.oracle.frm = (control >>> 5) & 7;
    this.oracle.fs = (control >>> 8) & 3;
  }

  /** One instruction, charged as the cost table says if it retires. */
  step(): OracleOutcome | { readonly is: 'fetch' } {
    const bits = this.#fetch();
    if (bits === undefined) return { is: 'fetch' };
    const decoded = decoderOf(this.vm.kind.xlen).decode(bits, this.#decoded);
    const outcome = this.oracle.step(decoded);
    if (outcome.is === 'retired') {
      const { facts } = decoded.instruction!;
      const isPaidAsClass = facts.branches !== 'sometimes' || outcome.taken;
      this.cycles += this.vm.kind.costs.instructions[isPaidAsClass ? facts.class : 'branchNotTaken'];
      this.instructions++;
    }
    return outcome;
  }

  /** Runs as an engine does with these budgets. */
  run(cycles: number, instructions: number): Stop {
    while (this.cycles < cycles && this.instructions < instructions) {
      const outcome = this.step();
      if (outcome.is === 'system') return Stop.system;
      if (outcome.is === 'trap') return Stop.trap;
      if (outcome.is === 'fetch') return Stop.fetch;
    }
    return Stop.budget;
  }

  /** What the engine's state must be. */
  get state(): unknown {
    const { oracle } = this;
    const control = oracle.fflags | (oracle.frm << 5) | (oracle.fs << 8);
    return stateOf(
      oracle.pc,
      (index) => oracle.x[index]!,
      (index) => oracle.f[index]!,
      control,
      oracle.reservation,
    );
  }

  /** What the engine's state is. */
  get engineState(): unknown {
    const { vm } = this;
    const held = vm.field(Layout.RESERVATION_VALID) !== 0;
    const reservation = held
      ? { address: vm.wide(Layout.RESERVATION_ADDRESS), value: vm.wide(Layout.RESERVATION_VALUE) }
      : undefined;
    return stateOf(
      vm.pc,
      (index) => vm.x(index),
      (index) => vm.f(index),
      vm.field(Layout.FLOAT_CONTROL),
      reservation,
    );
  }

  #fetch(): number | undefined {
    const offset = Number(this.oracle.pc - BigInt(RAM_BASE));
    if (offset < 0 || offset + 2 > this.ram.length) return undefined;
    const halfword = (at: number) => this.ram[at]! | (this.ram[at + 1]! << 8);
    const low = halfword(offset);
    if ((low & 3) !== 3) return low;
    return offset + 4 > this.ram.length ? undefined : low | (halfword(offset + 2) << 16);
  }
}

const stateOf = (
  pc: bigint,
  x: (index: number) => bigint,
  f: (index: number) => bigint,
  control: number,
  reservation: { readonly address: bigint; readonly value: bigint } | undefined,
): unknown => ({
  pc: pc.toString(16),
  x: Array.from({ length: 32 }, (_, index) => x(index).toString(16)),
  f: Array.from({ length: 32 }, (_, index) => f(index).toString(16)),
  control: control.toString(16),
  reservation: reservation && `${reservation.address.toString(16)}: ${reservation.value.toString(16)}`,
});
