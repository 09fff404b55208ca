/** Whether two snapshots are of the same state, as far as anything that is still to happen can depend on it. */
import type { MachineSnapshot } from './contract';
import type { VmSnapshot } from '../vm/contract';

/**
 * What has been recorded (trace, accounts) and what was injected leads to nothing further and does not count, nor does
 * where within a turn the time of the machine was last looked at. Both must be of machines of the same system, after the
 * same cycles of their cores.
 */
export function isSameState(one: MachineSnapshot, other: MachineSnapshot): boolean {
  return (
    isSameBytes(one.memory, other.memory) &&
    isSame(withoutRecords(one), withoutRecords(other)) &&
    one.vms.every((vm, number) => isSame(livingPart(vm), livingPart(other.vms[number]!)))
  );
}

function withoutRecords({ state, cores, paused, lastTurn, channels, networks }: MachineSnapshot): unknown {
  return { state, cores, paused, lastTurn, channels, networks };
}

function livingPart({ account: _, ...vm }: VmSnapshot): unknown {
  return vm;
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
  const [names, otherNames] = [Object.keys(one), Object.keys(other)];
  if (names.length !== otherNames.length) return false;
  return names.every((name) =>
    isSame((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const WORD = 4;

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  const words = (one.byteOffset | other.byteOffset) % WORD === 0 ? Math.floor(one.length / WORD) : 0;
  const oneWords = new Int32Array(one.buffer, one.byteOffset, words);
  const otherWords = new Int32Array(other.buffer, other.byteOffset, words);
  for (let at = 0; at < words; at++) if (oneWords[at] !== otherWords[at]) return false;
  for (let at = words * WORD; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
