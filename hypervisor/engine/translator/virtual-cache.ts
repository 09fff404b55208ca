/**
 * Compiled modules of code at virtual addresses, of the process: another address space, a second boot, a fork or another
 * spec file finds its code here, when it comes to an entry, and translates nothing.
 */
import { isSameList } from './code-cache';
import { pageOf, type VirtualModule } from './virtual-image';

/** Instructions of the guest that are kept; the oldest modules go first. */
const MOST_INSTRUCTIONS = 1_000_000;

interface Shelf {
  /** By entry, newest last. */
  readonly byEntry: Map<number, VirtualModule[]>;
  /** Entries by the page that they are in. */
  readonly byPage: Map<number, Set<number>>;
}

const shelves = new Map<string, Shelf>();
const order: { readonly place: string; readonly module: VirtualModule }[] = [];
let instructions = 0;

const NONE: readonly VirtualModule[] = [];
const NOWHERE: ReadonlySet<number> = new Set();

export function rememberVirtual(place: string, module: VirtualModule): void {
  let shelf = shelves.get(place);
  if (shelf === undefined) shelves.set(place, (shelf = { byEntry: new Map(), byPage: new Map() }));
  for (const entry of module.entries) {
    const known = shelf.byEntry.get(entry);
    if (known === undefined) shelf.byEntry.set(entry, [module]);
    else known.push(module);
    const inPage = shelf.byPage.get(pageOf(entry));
    if (inPage === undefined) shelf.byPage.set(pageOf(entry), new Set([entry]));
    else inPage.add(entry);
  }
  order.push({ place, module });
  instructions += module.instructionCount;
  while (instructions > MOST_INSTRUCTIONS && order.length > 1) forget(order.shift()!);
}

export function forgetVirtual(place: string, modules: readonly VirtualModule[]): void {
  for (const module of modules) {
    const at = order.findIndex((other) => other.module === module && other.place === place);
    if (at !== -1) forget(order.splice(at, 1)[0]!);
  }
}

/** Keeps what another thread has compiled, unless this one has the same. */
export function adoptVirtual(place: string, module: VirtualModule): void {
  const others = rememberedAt(place, module.entries[0]!);
  if (!others.some((other) => isOfSameCode(other, module))) rememberVirtual(place, module);
}

const isOfSameCode = (one: VirtualModule, other: VirtualModule): boolean =>
  isSameList(one.entries, other.entries) &&
  one.pages.length === other.pages.length &&
  one.pages.every(({ address, bytes }, at) => {
    const page = other.pages[at]!;
    return address === page.address && isSameList(bytes, page.bytes);
  });

/** Oldest first. */
export const allRemembered = (): readonly (typeof order)[number][] => order;

/** Modules with a function for an entry, newest last. */
export function rememberedAt(place: string, entry: number): readonly VirtualModule[] {
  return shelves.get(place)?.byEntry.get(entry) ?? NONE;
}

/** Entries of modules in a page. */
export const rememberedIn = (place: string, page: number): ReadonlySet<number> =>
  shelves.get(place)?.byPage.get(page) ?? NOWHERE;

function forget({ place, module }: (typeof order)[number]): void {
  instructions -= module.instructionCount;
  const { byEntry, byPage } = shelves.get(place)!;
  for (const entry of module.entries) {
    const left = byEntry.get(entry)!.filter((other) => other !== module);
    if (left.length > 0) {
      byEntry.set(entry, left);
      continue;
    }
    byEntry.delete(entry);
    byPage.get(pageOf(entry))!.delete(entry);
  }
}
