/**
 * The guest code that a module at virtual addresses was made of, page by page, since each page may lie anywhere in RAM,
 * and somewhere else in another address space.
 */
import { compile } from '../wasm/compile';
import type { VmMemory } from '../../memory/vm-memory';
import { PAGE_SIZE } from '../../memory/page-flags';
import type { Cost } from './budget';
import type { Translation } from './batch';
import type { Region } from './region';

export interface CodePage {
  /** Virtual address of the page. */
  readonly address: number;
  /** Offsets into the page, ascending and apart: [start, end) pairs. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
  /** What the ranges held, one after the other. */
  readonly bytes: Uint8Array;
  /** Offsets of the instructions that begin here. */
  readonly instructions: Uint16Array;
  /** The first bytes belong to an instruction that begins in the page before, which must be the one before in RAM, too. */
  readonly isContinued: boolean;
}

export interface VirtualModule {
  /** Or what it is compiled of, as long as no guest has come to it: an earlier process has made it. */
  module: WebAssembly.Module | Uint8Array;
  readonly entries: readonly number[];
  readonly needs: readonly Cost[];
  readonly pages: readonly CodePage[];
  /** By entry: which of the pages its function, and what that calls by its index, was made of; ascending. */
  readonly pagesOf: readonly (readonly number[])[];
  readonly instructionCount: number;
}

/** One that is compiled, as threads give them to each other. */
export type CompiledVirtual = VirtualModule & { readonly module: WebAssembly.Module };

export const isCompiled = (known: VirtualModule): known is CompiledVirtual =>
  !ArrayBuffer.isView(known.module);

/** A module that is compiled from now on. */
export function compiledOf(known: VirtualModule): WebAssembly.Module {
  const { module } = known;
  return ArrayBuffer.isView(module) ? (known.module = compile(module as Uint8Array)) : module;
}

/** Where the page begins that an address is in. */
export const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

/**
 * @param physicalOf the physical address of a virtual page
 */
export function virtualModule(
  vm: VmMemory,
  regions: readonly Region[],
  { module, needs, madeOf }: Translation,
  physicalOf: (page: number) => number,
): VirtualModule {
  const ends = new Map<number, number>();
  for (const each of madeOf) for (const region of each) collect(region, ends);
  const pages = pagesFrom(vm, ends, physicalOf);
  const numbers = new Map(pages.map(({ address }, number) => [address, number]));
  return {
    module: compile(module),
    entries: regions.map(({ entry }) => entry),
    needs,
    pages,
    pagesOf: pagesOfEach(regions, madeOf, numbers),
    instructionCount: ends.size,
  };
}

function collect({ blocks }: Region, ends: Map<number, number>): void {
  for (const { instructions } of blocks.values()) {
    for (const { address, length } of instructions) ends.set(address, address + length);
  }
}

function pagesFrom(
  vm: VmMemory,
  ends: ReadonlyMap<number, number>,
  physicalOf: (page: number) => number,
): CodePage[] {
  const instructions = new Map<number, number[]>();
  const ranges = new Map<number, [number, number][]>();
  const listOf = <T>(lists: Map<number, T[]>, page: number): T[] => {
    let list = lists.get(page);
    if (list === undefined) lists.set(page, (list = []));
    return list;
  };
  const add = (page: number, start: number, end: number): void => {
    const own = listOf(ranges, page);
    const last = own[own.length - 1];
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else own.push([start, end]);
  };
  for (const address of [...ends.keys()].sort((a, b) => a - b)) {
    const page = pageOf(address);
    const start = address - page;
    const end = ends.get(address)! - page;
    listOf(instructions, page).push(start);
    add(page, start, Math.min(end, PAGE_SIZE));
    if (end > PAGE_SIZE) add(page + PAGE_SIZE, 0, end - PAGE_SIZE);
  }
  return [...ranges].map(([address, own]): CodePage => {
    const linear = physicalOf(address) - vm.ramBase + vm.ramLinear;
    const bytes = new Uint8Array(own.reduce((sum, [start, end]) => sum + end - start, 0));
    let at = 0;
    for (const [start, end] of own) {
      bytes.set(vm.machine.bytes.subarray(linear + start, linear + end), at);
      at += end - start;
    }
    const before = ends.get(address - 2);
    return {
      address,
      ranges: own,
      bytes,
      instructions: Uint16Array.from(instructions.get(address) ?? []),
      isContinued: before !== undefined && before > address,
    };
  });
}

/** With the pages of what each calls by its index, and those of what these call. */
function pagesOfEach(
  regions: readonly Region[],
  madeOf: Translation['madeOf'],
  numbers: ReadonlyMap<number, number>,
): number[][] {
  const places = new Map(regions.map(({ entry }, place) => [entry, place]));
  const own = regions.map((_, place) => {
    const ends = new Map<number, number>();
    for (const region of madeOf[place]!) collect(region, ends);
    const pages = new Set<number>();
    for (const [address, end] of ends) {
      pages.add(numbers.get(pageOf(address))!);
      pages.add(numbers.get(pageOf(end - 1))!);
    }
    return pages;
  });
  return regions.map((_, place) => {
    const reached = new Set([place]);
    const pages = new Set<number>();
    for (const at of reached) {
      for (const page of own[at]!) pages.add(page);
      for (const region of madeOf[at]!) {
        for (const callee of region.callees) {
          const called = places.get(callee);
          if (called !== undefined) reached.add(called);
        }
      }
    }
    return [...pages].sort((a, b) => a - b);
  });
}
