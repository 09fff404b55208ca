/** Registers of one hart: x0 to x31 as 0 to 31, f0 to f31 as 32 to 63. */
export interface SomeRegisters {
  readonly vm: string;
  readonly hart: number;
  readonly registers: readonly number[];
}

/** The words that registers of a VM take in the memory of its machine. */
export function wordsOf({ ram, image }: Vm, { hart, registers }: SomeRegisters): ReadonlySet<number> {
  const { block } = ram.harts[hart]!;
  const { xlen } = image;
  const words = new Set<number>();
  for (const register of registers) {
    const isFloat = register >= REGISTERS;
    const size = isFloat ? FLOAT_SIZE : xlen / 8;
    const first = isFloat ? F_REGISTERS + (register - REGISTERS) * size : X_REGISTERS + register * size;
    for (let at = 0; at < size; at += WORD) words.add((block + first + at) / WORD);
  }
  return words;
}

const REGISTERS = 32;
const FLOAT_SIZE = 8;
const WORD = 4;

/** Whether two states of a machine are the same, as far as anything that is still to happen can depend on them. */
import type { MachineSnapshot } from './contract';
import type { InjectorState } from '../faults/injector';
import { F_REGISTERS, X_REGISTERS } from '../hart/layout';
import type { VmSnapshot } from '../vm/contract';
import type { Vm } from '../vm/vm';

/**
 * What has been recorded (trace, accounts) and what was injected and is over leads to nothing further and does not count,
 * nor does where within a turn the time of the machine was last looked at. Both must be of machines of the same system, after the
 * same cycles of their cores.
 */
export function isSameState(
  one: Omit<MachineSnapshot, 'memory'>,
  other: Omit<MachineSnapshot, 'memory'>,
): boolean {
  return (
    isSame(withoutRecords(one), withoutRecords(other)) &&
    isSame(orderOfTurns(one.vms), orderOfTurns(other.vms)) &&
    isSame(stillToCome(one.injector), stillToCome(other.injector)) &&
    one.vms.every((vm, number) => isSameVm(vm, other.vms[number]!))
  );
}

function withoutRecords({
  state,
  cores,
  paused,
  windows,
  servers,
  channels,
  networks,
  health,
  counters,
  updates,
}: Omit<MachineSnapshot, 'memory'>): unknown {
  // What supervisor VMs have not decided yet is still to happen.
  return { state, cores, paused, windows, servers, channels, networks, health, counters, updates };
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
  const turns = vms.flatMap(({ vcpus }) => vcpus.map(({ turn }) => turn));
  const inOrder = [...turns].sort((a, b) => a - b);
  return turns.map((turn) => inOrder.indexOf(turn));
}

/** Also of another realm. */
const isMap = (value: object): value is ReadonlyMap<unknown, unknown> =>
  Object.prototype.toString.call(value) === '[object Map]';

/** Structural equality of plain data, typed arrays and maps. What is shared between snapshots is compared by identity first. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (ArrayBuffer.isView(one)) return ArrayBuffer.isView(other) && isSameBytes(bytesOf(one), bytesOf(other));
  if (isMap(one)) return isMap(other) && isSame([...one], [...other]);
  return isSameObject(one, other);
}

/** @param without properties that may differ */
function isSameObject(one: object, other: object, without?: ReadonlySet<string>): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names) {
    if (without?.has(name) === true) continue;
    const [here, there] = [(one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]];
    if (!isSame(here, there)) return false;
  }
  return true;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Whether some registers of a VM are as in a snapshot. */
export function hasSameRegisters(vm: Vm, some: SomeRegisters, { memory }: MachineSnapshot): boolean {
  const [now, then] = [vm.ram.machine.bytes, memory].map(
    ({ buffer, byteOffset }) => new DataView(buffer, byteOffset),
  ) as [DataView, DataView];
  return [...wordsOf(vm, some)].every((word) => now.getInt32(word * WORD) === then.getInt32(word * WORD));
}

/** As many words as are looked at together: where all are the same, nobody asks which. */
const STRIDE = 8;

/** @param except words of which it does not matter what they are */
export function isSameBytes(one: Uint8Array, other: Uint8Array, except?: ReadonlySet<number>): boolean {
  if (one.length !== other.length) return false;
  const words = (one.byteOffset | other.byteOffset) % WORD === 0 ? Math.floor(one.length / WORD) : 0;
  const a = new Int32Array(one.buffer, one.byteOffset, words);
  const b = new Int32Array(other.buffer, other.byteOffset, words);
  let at = 0;
  for (; at + STRIDE <= words; at += STRIDE) {
    const difference =
      (a[at]! ^ b[at]!) |
      (a[at + 1]! ^ b[at + 1]!) |
      (a[at + 2]! ^ b[at + 2]!) |
      (a[at + 3]! ^ b[at + 3]!) |
      (a[at + 4]! ^ b[at + 4]!) |
      (a[at + 5]! ^ b[at + 5]!) |
      (a[at + 6]! ^ b[at + 6]!) |
      (a[at + 7]! ^ b[at + 7]!);
    if (difference !== 0 && !differsOnlyIn(except, a, b, at, at + STRIDE)) return false;
  }
  if (!differsOnlyIn(except, a, b, at, words)) return false;
  for (let byte = words * WORD; byte < one.length; byte++) if (one[byte] !== other[byte]) return false;
  return true;
}

function differsOnlyIn(
  except: ReadonlySet<number> | undefined,
  a: Int32Array,
  b: Int32Array,
  from: number,
  to: number,
): boolean {
  for (let at = from; at < to; at++) if (a[at] !== b[at] && except?.has(at) !== true) return false;
  return true;
}
