/**
 * Which region an entry gets. A function's from where it begins is all of it. Into the middle of one a guest comes
 * seldom, after the interpreter did something or a run ended there: what begins at a loop is that loop, and what begins
 * anywhere else is the way to the next loop or call. So a function is translated once, however many entries it has.
 */
import { flowOf } from './control-flow';
import type { FunctionStarts } from './function-starts';
import { graphOf } from './graph';
import { loopsOf } from './loops';
import { type GuestCode, MOST_INSTRUCTIONS, type Region, RegionFinder } from './region';

/** Functions that begin before an address, of which one may hold it. */
const FUNCTIONS_TRIED = 4;

/** How far from an address something is looked for that leads there, in bytes; and how many of those are tried. */
const FARTHEST = 16_384;
const ROOTS_TRIED = 4;
/** How many are remembered, the newest. */
const MOST_ROOTS = 256;

/** Instructions of a function that are looked at for its loops. */
const MOST_LOOKED_AT = 10_000;

interface LoopOfFunction {
  readonly header: number;
  /** Of all its instructions. */
  readonly addresses: ReadonlySet<number>;
}

/** What of a function says where regions end that begin in its middle. */
class Shape {
  #loops: readonly LoopOfFunction[] | undefined;

  constructor(readonly region: Region) {}

  /** Those around others before them. Most that is looked at for an address does not hold it: then nobody asks. */
  get loops(): readonly LoopOfFunction[] {
    return (this.#loops ??= loopsIn(this.region));
  }

  /** Where its calls return to. */
  get returns(): ReadonlySet<number> {
    const returns = new Set<number>();
    for (const { ending } of this.region.blocks.values()) {
      if (ending.is === 'call' || ending.is === 'call-register') returns.add(ending.returnsTo);
    }
    return returns;
  }
}

export class EntryRegions {
  readonly #finder: RegionFinder;
  readonly #shapes = new Map<number, Shape | undefined>();
  readonly #regions = new Map<number, Region | undefined>();

  constructor(
    code: GuestCode,
    readonly functions: FunctionStarts,
    /**
     * Addresses in code that no function is known to hold, each of which stands for a function: it gets all that it leads
     * to. New ones are added.
     */
    readonly roots: Set<number>,
  ) {
    this.#finder = new RegionFinder(code);
  }

  /** The region of an entry, or undefined when its first instruction is not translated. */
  of(entry: number): Region | undefined {
    if (!this.#regions.has(entry)) this.#regions.set(entry, this.#find(entry));
    return this.#regions.get(entry);
  }

  /** Instructions that were looked at for all that was asked. */
  get examined(): number {
    return this.#finder.visited;
  }

  /** Whether a guest comes to an entry as its code is written: to a function, or a loop, or where nothing is known of. */
  isLasting(entry: number): boolean {
    if (this.functions.has(entry)) return true;
    const shape = this.#around(entry);
    return (
      shape === undefined ||
      shape.region.entry === entry ||
      shape.loops.some(({ header }) => header === entry)
    );
  }

  /** Regions of functions that regions call: their own, or found when somebody asks, if they were ever run. */
  calleesOf(
    regions: readonly Region[],
    isSeen: (address: number) => boolean,
  ): (entry: number) => Region | undefined {
    const known = new Map<number, Region | undefined>(regions.map((region) => [region.entry, region]));
    return (entry) => {
      if (!known.has(entry)) known.set(entry, isSeen(entry) ? this.of(entry) : undefined);
      return known.get(entry);
    };
  }

  /** Entries that code around an address may have, best first: its function, and the loops there, the outermost first. */
  around(address: number): readonly number[] {
    const shape = this.#around(address) ?? this.#shapeOf(this.#rootFor(address));
    if (shape === undefined) return [];
    const loops = shape.loops.filter(({ addresses }) => addresses.has(address));
    return [...new Set([shape.region.entry, ...loops.map(({ header }) => header)])];
  }

  #find(entry: number): Region | undefined {
    if (this.functions.has(entry)) return this.#whole(entry);
    const shape = this.#around(entry) ?? this.#rootShape(entry);
    if (shape === undefined || shape.region.entry === entry) return this.#upToMost(entry);
    const own = shape.loops.find(({ header }) => header === entry);
    const isElsewhere = (address: number): boolean => !(own?.addresses.has(address) ?? false);
    const headers = shape.loops.map(({ header }) => header);
    return this.#finder.find(entry, new Set([...headers, ...shape.returns].filter(isElsewhere)));
  }

  /** Of what stands for the function that holds an address from now on. */
  #rootShape(address: number): Shape | undefined {
    const root = this.#rootFor(address);
    const [oldest] = this.roots;
    if (this.roots.size === MOST_ROOTS && oldest !== undefined) this.roots.delete(oldest);
    this.roots.add(root);
    return this.#shapeOf(root);
  }

  /**
   * What may stand for a function that is not known: the address itself; in the middle of a loop where that begins, else
   * the loop would begin where the guest happened to be, with more in its registers, and with all loops around it.
   */
  #rootFor(address: number): number {
    const region = this.#shapeOf(address)?.region;
    return (region && outermostLoop(region)) ?? address;
  }

  /** A function, or where that is too long the way to its loops. */
  #whole(entry: number): Region | undefined {
    const region = this.#upToMost(entry);
    if (region === undefined || region.addresses.size < MOST_INSTRUCTIONS) return region;
    const shape = this.#shapeOf(entry);
    if (shape === undefined || shape.loops.length === 0) return region;
    return this.#finder.find(entry, new Set(shape.loops.map(({ header }) => header)));
  }

  /** All that an entry leads to, as far as a region goes. */
  #upToMost(entry: number): Region | undefined {
    const region = this.#shapeOf(entry)?.region;
    if (region === undefined || region.addresses.size < MOST_INSTRUCTIONS) return region;
    return this.#finder.find(entry);
  }

  #around(address: number): Shape | undefined {
    for (const start of this.#startsAround(address)) {
      const shape = this.#shapeOf(start);
      if (shape?.region.addresses.has(address) === true) return shape;
    }
    return undefined;
  }

  /** Where what holds an address may begin, likeliest first. */
  #startsAround(address: number): number[] {
    const distance = (root: number): number => Math.abs(root - address);
    const near = [...this.roots].filter((root) => distance(root) <= FARTHEST);
    near.sort((a, b) => distance(a) - distance(b));
    return [...this.functions.upTo(address, FUNCTIONS_TRIED), ...near.slice(0, ROOTS_TRIED)];
  }

  #shapeOf(start: number): Shape | undefined {
    if (!this.#shapes.has(start)) {
      const region = this.#finder.find(start, undefined, MOST_LOOKED_AT);
      this.#shapes.set(start, region && new Shape(region));
    }
    return this.#shapes.get(start);
  }
}

/** Where the outermost loop begins that a region begins in: as code is laid out, at the lowest address that is jumped back to. */
function outermostLoop(region: Region): number | undefined {
  const nodes = graphOf(region);
  const predecessors = nodes.map((): number[] => []);
  nodes.forEach(({ successors }, from) => {
    for (const to of successors) if (to >= 0) predecessors[to]!.push(from);
  });
  const members = new Set(predecessors[0]);
  for (const member of members) for (const from of predecessors[member]!) members.add(from);
  let lowest: number | undefined;
  for (const member of members) {
    const { block, successors } = nodes[member]!;
    for (const to of successors) {
      if (!members.has(to)) continue;
      const { start } = nodes[to]!.block;
      if (start <= block.start && (lowest === undefined || start < lowest)) lowest = start;
    }
  }
  return lowest;
}

function loopsIn(region: Region): readonly LoopOfFunction[] {
  const flow = flowOf(region.entry, graphOf(region));
  return loopsOf(flow).map(({ header, members }) => ({
    header: flow.blocks[header]!.start,
    addresses: new Set(
      [...members].flatMap((member) => flow.blocks[member]!.instructions.map(({ address }) => address)),
    ),
  }));
}
