/** Registers of one hart: x0 to x31 as 0 to 31, f0 to f31 as 32 to 63. */
export interface SomeRegisters {
  readonly vm: string;
  readonly hart: number;
  readonly registers: readonly number[];
}

/** Which words of the memory of its machine are parts of some registers of a VM. */
export function areOf({ ram, image }: Vm, { hart, registers }: SomeRegisters): (word: number) => boolean {
  const { block } = ram.harts[hart]!;
  const size = image.xlen / 8;
  return (word) => {
    const at = word * WORD - block;
    const [x, f] = [at - X_REGISTERS, at - F_REGISTERS];
    if (x >= 0 && x < REGISTERS * size) return registers.includes(Math.floor(x / size));
    return f >= 0 && f < REGISTERS * FLOAT_SIZE && registers.includes(REGISTERS + Math.floor(f / FLOAT_SIZE));
  };
}

const REGISTERS = 32;
const FLOAT_SIZE = 8;
const WORD = 4;

/** Whether two states of a machine are the same, as far as anything that is still to happen can depend on them. */
import type { MachineSnapshot, MachineState } from './contract';
import type { InjectorState } from '../faults/injector';
import { F_REGISTERS, X_REGISTERS } from '../hart/layout';
import { PAGE_SHIFT, PAGE_SIZE } from '../memory/page-flags';
import { isSameBytes } from '../memory/same-bytes';
import type { VmSnapshot } from '../vm/contract';
import type { Vm } from '../vm/vm';
import type { Parts } from './parts';

/**
 * What has been recorded (trace, accounts) and what was injected and is over leads to nothing further and does not count,
 * nor does where within a turn the time of the machine was last looked at. Both must be of machines of the same system, after the
 * same cycles of their cores. Part by part, since most that differ do so in one of the first.
 */
export function isSameState(parts: Parts, state: MachineState, other: MachineSnapshot): boolean {
  const { cores, sequence, scheduler, windows, channels, networks, lifeCycle, injector, secureBoot } = parts;
  const hasSame = (those: readonly { save(): unknown }[], saved: readonly unknown[]): boolean =>
    those.every((each, number) => isSame(each.save(), saved[number]));
  if (!isSame(state, other.state) || !isSame(cores.save().cores, other.cores)) return false;
  const vms = parts.vms.map((vm) => vm.save());
  return (
    vms.every((vm, number) => isSameVm(vm, other.vms[number]!)) &&
    isSame(orderOfTurns(vms), orderOfTurns(other.vms)) &&
    isSame(sequence.save(), other.paused) &&
    isSame(stillToCome(injector.save()), stillToCome(other.injector)) &&
    isSame(windows.save(), other.windows) &&
    isSame(scheduler.servers.save(), other.servers) &&
    hasSame(channels, other.channels) &&
    hasSame(networks, other.networks) &&
    // What supervisor VMs have not decided yet is still to happen.
    isSame(lifeCycle.health.save(), other.health) &&
    isSame(lifeCycle.updates.save(), other.updates) &&
    isSame(secureBoot.save(), other.counters)
  );
}

/** Faults that wait, are in force or come back, and losses of power that they have led to. */
function stillToCome({ injections, due, powerLosses }: InjectorState): unknown {
  return { injections: injections.filter(({ phase }) => phase.is !== 'over'), due, powerLosses };
}

function isSameVm(one: VmSnapshot, other: VmSnapshot): boolean {
  return (
    isSameObject(one, other, WITHOUT_RECORDS) &&
    one.vcpus.every((vcpu, number) => isSameObject(vcpu, other.vcpus[number]!, WITHOUT_TURN))
  );
}

const WITHOUT_RECORDS: ReadonlySet<string> = new Set(['account', 'vcpus'] satisfies (keyof VmSnapshot)[]);
const WITHOUT_TURN: ReadonlySet<string> = new Set(['turn']);

/**
 * Which harts have waited for longer than which. How many turns there have been does not matter, and is more where a fault
 * interrupted one.
 */
function orderOfTurns(vms: readonly VmSnapshot[]): readonly number[] {
  if (vms.length === 1 && vms[0]!.vcpus.length === 1) return ALONE;
  const turns = vms.flatMap(({ vcpus }) => vcpus.map(({ turn }) => turn));
  const inOrder = [...turns].sort((a, b) => a - b);
  return turns.map((turn) => inOrder.indexOf(turn));
}

const ALONE: readonly number[] = [0];

/** Also of another realm. */
const isMap = (value: object): value is ReadonlyMap<unknown, unknown> =>
  (value as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Map';

/** Structural equality of plain data, typed arrays and maps. What is shared between snapshots is compared by identity first. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other || Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && isSameArray(one, other);
  if (ArrayBuffer.isView(one)) return ArrayBuffer.isView(other) && isSameView(one, other);
  return isSameObject(one, other);
}

function isSameArray(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (!isSame(one[at], other[at])) return false;
  return true;
}

const isSameView = (one: ArrayBufferView, other: ArrayBufferView): boolean =>
  one.byteLength === other.byteLength && isSameBytes(bytesOf(one), bytesOf(other));

/** @param without properties that may differ */
function isSameObject(one: object, other: object, without?: ReadonlySet<string>): boolean {
  // Nothing here has inherited anything, and lists of names would be made for every object of a state.
  let more = 0;
  for (const name in one) {
    more++;
    const there = (other as Record<string, unknown>)[name];
    if (without?.has(name) !== true && !isSame((one as Record<string, unknown>)[name], there)) return false;
  }
  // Maps have nothing of the kind: whether it is one is asked of few objects only.
  if (more === 0 && isMap(one)) return isMap(other) && isSame([...one], [...other]);
  for (const _ in other) more--;
  return more === 0;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Whether some registers of a VM are as in a snapshot. */
export function hasSameRegisters(
  vm: Vm,
  { hart, registers }: SomeRegisters,
  { memory }: MachineSnapshot,
): boolean {
  const { block } = vm.ram.harts[hart]!;
  const { bytes } = vm.ram.machine;
  const size = vm.image.xlen / 8;
  for (const register of registers) {
    const isFloat = register >= REGISTERS;
    const width = isFloat ? FLOAT_SIZE : size;
    const first =
      block + (isFloat ? F_REGISTERS + (register - REGISTERS) * width : X_REGISTERS + register * width);
    for (let at = first; at < first + width; at++)
      if (bytes[at] !== memory[at >>> PAGE_SHIFT]![at & (PAGE_SIZE - 1)]) return false;
  }
  return true;
}
