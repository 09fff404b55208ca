import { DEFAULT_COSTS } from '../../../../platform/costs';
import { Hart } from '../../../../hypervisor/hart/hart';
import { MachineMemory } from '../../../../hypervisor/memory/machine-memory';
import { encode } from '../../../../hypervisor/isa/encode';
import { RAM, RAM_SIZE } from '../bench';
import * as csr from '../csr-numbers';
import { A, D, entryOf, R, satpOf, V, W, X } from './translation-oracle';

const ROOT = RAM + 0x4000;
const MIDDLE = RAM + 0x6000;
const LAST = RAM + 0x8000;
const OTHER_LAST = RAM + 0x9000;
const DATA = [RAM + 0xa000, RAM + 0xb000] as const;
const CODE = RAM + 0xc000;
/** Root index 1, middle index 0, last index 1. */
const VIRTUAL = (1n << 30n) | (1n << 12n);
const ACCESSED = V | R | W | X | A | D;

/** Two harts of one VM; the second one is a supervisor behind Sv39, with a page of data and one of code. */
function twoHarts() {
  const memory = MachineMemory.create({ vms: [{ ram: RAM_SIZE, harts: 2 }] });
  const host = {
    load: () => -1,
    store: () => false,
    isNowhere: () => true,
    fetch: () => -1,
    cycles: () => 0,
    ticks: () => 0,
  };
  const harts = [0, 1].map(
    (hartId) =>
      new Hart({ xlen: 64, profile: 'supervisor', hartId, memory: memory.vm(0), costs: DEFAULT_COSTS, host }),
  );
  const [writer, reader] = harts as [Hart, Hart];
  for (const hart of harts) hart.reset(RAM, 0);
  const write = (address: number, ...words: readonly number[]): void => {
    words.forEach((word, at) => {
      memory.unsignedWords[((memory.vm(0).ramLinear + address - RAM) >>> 2) + at] = word;
    });
    memory.vm(0).codeChanged(address, 4 * words.length);
  };
  const entry = (table: number, index: number, value: bigint): void =>
    write(table + 8 * index, Number(value & 0xffff_ffffn), Number(value >> 32n));
  entry(ROOT, 1, entryOf(MIDDLE, V));
  entry(MIDDLE, 0, entryOf(LAST, V));
  entry(LAST, 1, entryOf(DATA[0], ACCESSED));
  entry(LAST, 2, entryOf(CODE, ACCESSED));
  entry(OTHER_LAST, 1, entryOf(DATA[1], ACCESSED));
  entry(OTHER_LAST, 2, entryOf(CODE, ACCESSED));
  write(DATA[0], 1);
  write(DATA[1], 2);
  write(CODE, encode(64, 'lw', { rd: 10, rs1: 8 }), encode(64, 'jal', { imm: -4 }));
  reader.writeCsr(csr.SATP, satpOf('Sv39', ROOT));
  reader.pc = VIRTUAL + 4096n;
  reader.writeRegister(8, VIRTUAL);
  /** What the second hart reads. */
  const read = (): number => {
    reader.run(Infinity, 2);
    return reader.low(10);
  };
  /** The first hart stores a register, at physical addresses. */
  const store = (name: string, address: number, value: bigint): void => {
    write(RAM, encode(64, name, { rs1: 5, rs2: 6 }));
    writer.writeRegister(5, BigInt(address));
    writer.writeRegister(6, value);
    writer.pc = BigInt(RAM);
    expect(writer.run(Infinity, 1)).toBe('budget');
  };
  return { memory, read, store };
}

describe('what one hart stores to a page table', () => {
  it.each([
    ['a leaf', LAST + 8, entryOf(DATA[1], ACCESSED)],
    ['a pointer', MIDDLE, entryOf(OTHER_LAST, V)],
  ])('is seen by another one at its next access: %s', (_, address, value) => {
    const { memory, read, store } = twoHarts();
    expect([read(), read()]).toEqual([1, 1]);
    store('sd', address, value);
    expect(read()).toBe(2);
    memory.dispose();
  });

  it('is seen where it changes halves of two entries', () => {
    const { memory, read, store } = twoHarts();
    expect(read()).toBe(1);
    store('sd', LAST + 4, (entryOf(DATA[1], ACCESSED) & 0xffff_ffffn) << 32n);
    expect(read()).toBe(2);
    memory.dispose();
  });

  it('is seen where the store begins in the page before', () => {
    const { memory, read, store } = twoHarts();
    expect(read()).toBe(1);
    store('sd', MIDDLE - 2, entryOf(OTHER_LAST, V) << 16n);
    expect(read()).toBe(2);
    memory.dispose();
  });
});
