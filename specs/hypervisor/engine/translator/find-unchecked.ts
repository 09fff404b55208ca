import { Op } from '../../../../hypervisor/engine/wasm/opcodes';
import { NO_PAGE } from '../../../../hypervisor/engine/translator/function-frame';
import type { Place } from '../../../../hypervisor/engine/translator/place';
import { BASES } from '../../../../hypervisor/engine/translator/shared-places';
import { Slot } from '../../../../hypervisor/hart/csr-slots';
import * as Layout from '../../../../hypervisor/hart/layout';
import { CLEAR_FROM } from '../../../../hypervisor/memory/code-changes';
import { ENTRY_TABLE_SIZE } from '../../../../hypervisor/memory/entry-table';
import { DATA_ENTRY, ENTRY_COUNT } from '../../../../hypervisor/memory/translation-banks';
import type { WasmFunction } from '../walls/wasm-function';

const SIZES: Readonly<Record<number, number>> = {
  [Op.i32Load]: 4, [Op.i64Load]: 8, [Op.i32Load8S]: 1, [Op.i32Load8U]: 1, [Op.i32Load16S]: 2, [Op.i32Load16U]: 2,
  [Op.i64Load8S]: 1, [Op.i64Load8U]: 1, [Op.i64Load16S]: 2, [Op.i64Load16U]: 2, [Op.i64Load32S]: 4, [Op.i64Load32U]: 4,
  [Op.i32Store]: 4, [Op.i64Store]: 8, [Op.i32Store8]: 1, [Op.i32Store16]: 2,
  [Op.i64Store8]: 1, [Op.i64Store16]: 2, [Op.i64Store32]: 4, [Op.f64Load]: 8, [Op.f64Store]: 8,
}; // prettier-ignore

/** What of the hart's block translated code writes: registers, the reservation, and the status that enables interrupts. */
const STORED: readonly (readonly [field: number, length: number])[] = [
  [Layout.X_REGISTERS, 32 * 8],
  [Layout.F_REGISTERS, 32 * 8],
  [Layout.RESERVATION_VALID, 4],
  [Layout.RESERVATION_ADDRESS, 8],
  [Layout.RESERVATION_VALUE, 8],
  [Layout.CSRS + 8 * Slot.mstatus, 4],
];

/**
 * What is known at a place in a function: values of locals as formulas, and how many bytes from an address on are in RAM;
 * the negative of how many of them are not, by the address with `BEFORE`.
 */
interface Known {
  readonly locals: Map<number, string>;
  readonly fits: Map<string, number>;
}

const BEFORE = 'before ';

interface Open {
  readonly at: number;
  readonly opcode: number;
  readonly before: Known;
  /** After an `else`: what was known at the end of the other way, if that came to its end. */
  taken?: Known | undefined;
  hasElse?: boolean;
  /** What was known at branches to its end. */
  readonly leaving: Known[];
  /** Of an `if`: what its condition was. */
  readonly condition: string;
}

/**
 * Accesses of a translated function that are not known to stay within the RAM window, the hart's block, the table of
 * entries and the flags that belong to RAM; where addresses are virtual ones, within the page of an entry of the TLB that
 * was found to be of that page and to permit it. Formulas of values are followed along straight lines; where lines meet,
 * only what all of them know is kept.
 */
export function findUnchecked(wasm: WasmFunction, place: Place): readonly string[] {
  // By loop: locals that are seen to have another value in its next turn. Until no more are seen.
  const changing: Changing = new Map();
  const pages = rememberedPages(wasm.body);
  for (;;) {
    const before = sizeOf(changing) + pages.forReading.size;
    const complaints = follow(wasm, place, changing, pages);
    if (sizeOf(changing) + pages.forReading.size === before) return complaints;
  }
}

/**
 * Locals that hold the page in which accesses were found last, which the next local has the displacement of. Both are set
 * together, from an entry that was found to be the page's; or there is no page.
 */
interface Pages {
  readonly locals: ReadonlySet<number>;
  /** Those whose pages are not all known to permit stores. Until no more are seen. */
  readonly forReading: Set<number>;
}

const isConstant = (opcode: number | undefined): boolean => opcode === Op.i32Const || opcode === Op.i64Const;

function rememberedPages(body: WasmFunction['body']): Pages {
  const locals = new Set<number>();
  for (let at = 0; isConstant(body[at]?.opcode) && body[at]!.immediates[0] === NO_PAGE; at += 2) {
    if (body[at + 1]!.opcode === Op.localSet) locals.add(body[at + 1]!.immediates[0]!);
  }
  return { locals, forReading: new Set() };
}

type Changing = Map<number, Set<number>>;

const sizeOf = (changing: Changing): number =>
  [...changing.values()].reduce((sum, { size }) => sum + size, 0);

function follow({ body }: WasmFunction, place: Place, changing: Changing, pages: Pages): string[] {
  const complaints: string[] = [];
  const stack: string[] = [];
  const opened: Open[] = [];
  let known: Known = { locals: new Map(), fits: new Map() };
  /** The displacement that was set last. */
  let loaded = '';
  let fresh = 0;
  let isReachable = true;
  const unknown = () => `unknown${fresh++}`;
  const pop = () => stack.pop() ?? unknown();
  const copy = ({ locals, fits }: Known): Known => ({ locals: new Map(locals), fits: new Map(fits) });
  const meet = (a: Known, b: Known): Known => ({
    locals: new Map([...a.locals].filter(([local, formula]) => b.locals.get(local) === formula)),
    fits: new Map([...a.fits].map(([formula, size]) => [formula, Math.min(size, b.fits.get(formula) ?? 0)])),
  });
  const branch = (depth: number): void => {
    const target = opened[opened.length - 1 - depth];
    if (!isReachable || target === undefined) return;
    if (target.opcode !== Op.loop) {
      target.leaving.push(copy(known));
      return;
    }
    for (const [local, formula] of target.before.locals) {
      if (known.locals.get(local) !== formula) changing.get(target.at)!.add(local);
    }
  };
  const isVirtual = place.addresses === 'virtual';
  const bank = isVirtual ? bankOf(body, place) : undefined;
  const wrapped = (formula: string): string => (place.xlen === 32 ? formula : `wrap(${formula})`);
  /** The entry of the TLB for an address in 32 bits. */
  const entryOf = (address: string): string =>
    `add(and(shrU(${address}, 7), ${(ENTRY_COUNT - 1) << 5}), bank)`;
  const isEntry = (formula: string): boolean => /^add\(and\(shrU\(.*, 7\), 16352\), bank\)$/.test(formula);
  const displaced = (address: string): string =>
    `add(${address}, load@${DATA_ENTRY.displacement}(${entryOf(address)}))`;
  /** The tag was that of the page of the last byte: in that page, the access is permitted. */
  const learnHit = (condition: string): void => {
    const [, tag, entry, last] = /^ne\(load@(0|8)\((.+)\), or\((.+), 4095\)\)$/.exec(condition) ?? [];
    if (tag === undefined) return;
    const sum = /^add\((.*), (\d{1,4})\)$/.exec(last!);
    for (const [address, size] of [[last!, 1], ...(sum === null ? [] : [[sum[1]!, Number(sum[2]) + 1]])] as [
      string,
      number,
    ][]) {
      if (entry !== entryOf(wrapped(address))) continue;
      const use = Number(tag) === DATA_ENTRY.writeTag ? ['read', 'write'] : ['read'];
      for (const each of use) known.fits.set(`${each} ${displaced(wrapped(address))}`, size);
    }
  };
  /** It is in a page that is remembered: from an address on, so many bytes. */
  const learnPage = (condition: string): void => {
    const both =
      /^or\(ne\(and\((.+), -4096\), page(\d+)\), ne\(and\(add\((.+), (\d+)\), -4096\), page(\d+)\)\)$/.exec(
        condition,
      );
    if (both !== null && both[1] === both[3] && both[2] === both[5]) {
      known.fits.set(`hit ${both[2]!} ${wrapped(both[1]!)}`, Number(both[4]) + 1);
      return;
    }
    const one = /^ne\(and\((.+), (-\d+)\), page(\d+)\)$/.exec(condition);
    if (one === null) return;
    const low = Number(one[2]) + 4096;
    if (low >= 0 && low < 8) known.fits.set(`hit ${one[3]!} ${wrapped(one[1]!)}`, low + 1);
  };
  /** A page is remembered for an address whose entry was found to be its own, or forgotten. */
  const setPage = (local: number, formula: string, at: number): void => {
    for (const key of known.fits.keys()) if (key.startsWith(`hit ${local} `)) known.fits.delete(key);
    if (formula === `${NO_PAGE}`) return;
    const displacement = body[at - 4];
    const isTogether = displacement?.opcode === Op.localSet && displacement.immediates[0] === local + 1;
    const address = wrapped(/^and\((.+), -4096\)$/.exec(formula)?.[1] ?? 'unknown');
    const size = known.fits.get(`read ${displaced(address)}`) ?? 0;
    if (!isTogether || loaded !== `load@${DATA_ENTRY.displacement}(${entryOf(address)})` || size === 0)
      complaints.push(`${at}: page ${formula}`);
    if ((known.fits.get(`write ${displaced(address)}`) ?? 0) === 0) pages.forReading.add(local);
    known.fits.set(`hit ${local} ${address}`, size);
  };
  /** The linear address of an address in a remembered page. */
  const inPage = (address: string, local: number): string => {
    const size = known.fits.get(`hit ${local} ${address}`);
    if (size === undefined) return unknown();
    const formula = displaced(address);
    for (const use of pages.forReading.has(local) ? ['read'] : ['read', 'write'])
      known.fits.set(`${use} ${formula}`, Math.max(known.fits.get(`${use} ${formula}`) ?? 0, size));
    return formula;
  };
  /** An address was not behind the last at which that many bytes are in RAM. */
  const learnNot = (condition: string): void => {
    learnHit(condition);
    if (isVirtual) learnPage(condition);
    const { ramBase, ramSize } = place;
    const learn = (address: string, before: number, size: number): void => {
      const { fits } = known;
      const isFirst = !fits.has(address);
      // RAM is in one piece: what lies between two places in it does, too.
      fits.set(address, Math.max(before + size, fits.get(address) ?? 0));
      fits.set(BEFORE + address, isFirst ? -before : Math.max(-before, fits.get(BEFORE + address)!));
    };
    // Of i32s, the lowest is where RAM begins.
    const [, signed, last] = /^gtS\((.*), (-\d+)\)$/.exec(condition) ?? [];
    if (place.xlen === 32 && signed !== undefined) learn(signed, 0, ramBase + ramSize - (Number(last) >>> 0));
    const [, wide, less, most] = /^gtU\(add\((.*), (-\d+)\), (\d+)\)$/.exec(condition) ?? [];
    const before = Number(less) + ramBase;
    if (place.xlen === 64 && wide !== undefined && before >= 0) learn(wide, before, ramSize - Number(most));
  };
  /** Whether bytes at a distance from an address are known to be in RAM. */
  const areInRam = (address: string, distance: number, size: number): boolean =>
    distance >= -(known.fits.get(BEFORE + address) ?? 0) && (known.fits.get(address) ?? 0) >= distance + size;
  const isFineVirtual = (address: string, offset: number, size: number, isStore: boolean): boolean => {
    if (isEntry(address)) return !isStore && Object.values<number>(DATA_ENTRY).includes(offset);
    const flags = /^shrU\((.*), (12|6)\)$/.exec(address);
    if (flags !== null) {
      const [table, shift] = flags[2] === '12' ? [place.pageFlags, 12] : [place.codeLines, 6];
      const sum = /^add\((.*), (\d{1,4})\)$/.exec(flags[1]!);
      const [linear, plus] = sum === null ? [flags[1]!, 0] : [sum[1]!, Number(sum[2])];
      const isOfRam = (known.fits.get(`read ${linear}`) ?? 0) > plus;
      const isNarrow = size === 1 || shift === 6;
      return isOfRam && offset === table - place.ramShift / 2 ** shift && isNarrow && !isStore;
    }
    return (known.fits.get(`${isStore ? 'write' : 'read'} ${address}`) ?? 0) >= offset + size;
  };
  const isFine = (address: string, offset: number, size: number, isStore: boolean): boolean => {
    const constant = /^\d+$/.test(address) ? Number(address) : undefined;
    const linear = constant === undefined ? undefined : constant + offset;
    const within = (start: number, length: number) =>
      linear !== undefined && linear >= start && linear + size <= start + length;
    if (isStore && STORED.some(([field, length]) => within(place.hart + field, length))) return true;
    if (within(place.hart, Layout.HART_BLOCK_SIZE) || within(place.entries, ENTRY_TABLE_SIZE))
      return !isStore;
    if (within(place.codeChanges + CLEAR_FROM, 4)) return !isStore;
    if (isVirtual) return isFineVirtual(address, offset, size, isStore);
    if (/^shl\(and\(.*, 4095\), 3\)$/.test(address)) {
      return !isStore && offset >= place.entries && offset + size <= place.entries + 8;
    }
    const flags = /^shrU\((.*), (\d+)\)$/.exec(address);
    if (flags !== null) {
      const [, sum = '', shift] = flags;
      const table = shift === '12' ? place.pageFlags : shift === '6' ? place.codeLines : undefined;
      const [address, plus] = asAddress(sum);
      // Lines are looked at several at a time; behind the last are the hypervisor's own words, which are only looked at.
      const isNarrow = size === 1 || shift === '6';
      return (
        isNarrow &&
        !isStore &&
        offset === table &&
        (areInRam(address, plus, 1) || areInRam(unwrapped(sum), 0, 1))
      );
    }
    const { ramShift } = place;
    const asIs = ramShift < 0 ? new RegExp(`^add\\((.*), ${ramShift}\\)$`).exec(address)?.[1] : address;
    return asIs !== undefined && areInRam(unwrapped(asIs), offset - Math.max(ramShift, 0), size);
  };
  /** `wrap(x)`, or `add(wrap(x), plus)`. */
  const asAddress = (sum: string): readonly [string, number] => {
    const added = /^add\((.*), (\d{1,4})\)$/.exec(sum);
    return [unwrapped(added?.[1] ?? sum), Number(added?.[2] ?? 0)];
  };
  const unwrapped = (formula: string): string => {
    if (place.xlen === 32) return formula;
    return /^wrap\((.*)\)$/.exec(formula)?.[1] ?? 'not wrapped';
  };

  body.forEach(({ opcode, immediates }, at) => {
    const [first = 0, second = 0] = immediates;
    const size = SIZES[opcode];
    if (size !== undefined) {
      const isStore = opcode >= Op.i32Store && opcode !== Op.f64Load;
      if (isStore) pop();
      const formula = pop();
      // Code for several harts has no address but from what its instance imports.
      const moved = /^moved\((.*), base(\d+)\)$/.exec(formula);
      const address = moved?.[1] ?? formula;
      const offset = moved === null ? second : second + (Number(moved[2]) + 1) * 2 ** BASES.shift;
      const isFineThere = (moved !== null) === (place.isShared === true) && isFine(address, offset, size, isStore);
      if (isReachable && !isFineThere) complaints.push(`${at}: ${address} + ${second}`);
      if (isStore) return;
      if (isVirtual && address === '0' && second === place.hart + Layout.DATA_BANK) stack.push('bank');
      else if (isVirtual && isEntry(address)) stack.push(`load@${second}(${address})`);
      else stack.push(unknown());
      return;
    }
    switch (opcode) {
      case Op.localGet: {
        if (first === bank) {
          stack.push('bank');
          return;
        }
        if (pages.locals.has(first) || pages.locals.has(first - 1)) {
          stack.push(pages.locals.has(first) ? `page${first}` : `displacement${first - 1}`);
          return;
        }
        if (!known.locals.has(first)) known.locals.set(first, unknown());
        stack.push(known.locals.get(first)!);
        return;
      }
      case Op.localSet: {
        const formula = pop();
        if (pages.locals.has(first)) setPage(first, formula, at);
        else if (!pages.locals.has(first - 1)) known.locals.set(first, formula);
        else {
          loaded = formula;
          // Its page is set next, whatever that is.
          if (body[at + 4]?.opcode !== Op.localSet || body[at + 4]!.immediates[0] !== first - 1) complaints.push(`${at}: displacement`);
        }
        return;
      }
      case Op.globalGet: stack.push(`base${first}`); return;
      case Op.localTee: known.locals.set(first, stack[stack.length - 1] ?? unknown()); return;
      case Op.i32Const: case Op.i64Const: stack.push(`${first}`); return;
      case Op.f32Const: case Op.f64Const: stack.push(unknown()); return;
      case Op.block: case Op.loop: case Op.if: {
        const condition = opcode === Op.if ? pop() : '';
        if (opcode === Op.loop) {
          // Another page may be remembered by then.
          for (const key of known.fits.keys()) if (key.startsWith('hit ')) known.fits.delete(key);
          if (!changing.has(at)) changing.set(at, new Set());
          for (const local of changing.get(at)!) known.locals.delete(local);
        }
        opened.push({ at, opcode, before: copy(known), condition, leaving: [] });
        return;
      }
      case Op.else: {
        const open = opened[opened.length - 1]!;
        open.hasElse = true;
        open.taken = isReachable ? known : undefined;
        known = copy(open.before);
        learnNot(open.condition);
        isReachable = true;
        return;
      }
      case Op.end: {
        const open = opened.pop();
        if (open === undefined) return;
        const ways = [...open.leaving];
        if (isReachable) ways.push(known);
        if (open.opcode === Op.if && open.hasElse !== true) {
          known = open.before;
          learnNot(open.condition);
          ways.push(known);
        } else if (open.taken !== undefined) {
          ways.push(open.taken);
        }
        isReachable = ways.length > 0;
        known = isReachable ? ways.reduce(meet) : { locals: new Map(), fits: new Map() };
        return;
      }
      case Op.br: branch(first); isReachable = false; return;
      case Op.brTable: immediates.forEach(branch); isReachable = false; return;
      case Op.return: case Op.unreachable: isReachable = false; return;
      case Op.brIf: pop(); branch(first); return;
      case Op.drop: pop(); return;
      case Op.select: pop(); pop(); pop(); stack.push(unknown()); return;
      case Op.call: case Op.callIndirect: stack.length = 0; return;
      case Op.i32WrapI64: stack.push(`wrap(${pop()})`); return;
    }
    const isFloat = (opcode >= 0x8b && opcode <= 0x91) || (opcode >= 0x99 && opcode <= 0x9f);
    const isUnary = isFloat || (opcode >= 0x67 && opcode <= 0x69) || (opcode >= 0x79 && opcode <= 0x7b) || opcode === 0x45 || opcode === 0x50 || opcode >= 0xa7;
    if (isUnary) { pop(); stack.push(unknown()); return; }
    const b = pop();
    const a = pop();
    if (opcode === 0x6a && /^base\d+$/.test(b)) {
      stack.push(`moved(${a}, ${b})`);
      return;
    }
    // A small sum of an offset; any other is nothing that is known.
    const isSmall = /^\d{1,4}$/.test(b);
    const inRemembered = opcode === 0x6a ? /^displacement(\d+)$/.exec(b) : null;
    if (inRemembered !== null) {
      stack.push(inPage(a, Number(inRemembered[1])));
      return;
    }
    const isPlace = isVirtual && opcode === 0x6a && (b === 'bank' || b.startsWith('load@'));
    // An address before one in a register: checked in one block, and found again in another. One less the base of RAM.
    // Where RAM is elsewhere, the linear address.
    const isOffset = !isVirtual && /^-\d+$/.test(b) && (opcode === (place.xlen === 32 ? 0x6a : 0x7c) || b === `${place.ramShift}`);
    const isSum = isPlace || isOffset || (isSmall && (opcode === 0x6a || (isVirtual && opcode === 0x7c)));
    const isTag = isVirtual && [0x47, 0x52, 0x72, 0x84].includes(opcode);
    const names: Readonly<Record<number, string>> = { 0x71: 'and', 0x74: 'shl', 0x76: 'shrU', 0x4a: 'gtS', 0x56: 'gtU', ...(isSum ? { 0x6a: 'add', 0x7c: 'add' } : {}), ...(isTag || (isVirtual && opcode === 0x83) ? { 0x83: 'and', 0x47: 'ne', 0x52: 'ne', 0x72: 'or', 0x84: 'or' } : {}) };
    const name = names[opcode];
    stack.push(name === undefined ? unknown() : `${name}(${a}, ${b})`);
  }); // prettier-ignore
  return complaints;
}

/** The local that holds the TLB's bank: set where the function begins, and nowhere else. */
function bankOf(body: WasmFunction['body'], { hart }: Place): number | undefined {
  const at = body.findIndex(
    ({ opcode, immediates }) => opcode === Op.i32Load && immediates[1] === hart + Layout.DATA_BANK,
  );
  const set = body[at + 1];
  if (set?.opcode !== Op.localSet || body[at - 1]?.immediates[0] !== 0) return undefined;
  const [local] = set.immediates;
  const sets = body.filter(
    ({ opcode, immediates }) => (opcode === Op.localSet || opcode === Op.localTee) && immediates[0] === local,
  );
  return sets.length === 1 ? local : undefined;
}
