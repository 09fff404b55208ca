import { csrNames, csrNumber, REGISTER_NAMES } from '../../hypervisor';
import { MEMORY_MAP } from '../../platform/memory-map';
import { AuthorError } from '../author-error';
import { hex } from '../image/image-error';
import { suggestName } from '../known-name';
import type { FaultyMachine } from './faulty-machine';
import type { Location } from './fault-plan';

/** A place in one VM. `size` is the bytes that a symbol has; undefined where nothing says. */
export type Place =
  | { readonly is: 'register'; readonly register: string }
  | { readonly is: 'csr'; readonly csr: number; readonly name: string }
  | { readonly is: 'memory'; readonly address: number; readonly size: number | undefined };

const WAYS = ['register', 'csr', 'address', 'symbol', 'region'] as const;

/** The one place that a location names. @throws AuthorError for none, several, or one that does not exist */
export function resolveLocation(
  where: string,
  location: Location,
  machine: FaultyMachine,
  vm: string,
): Place {
  const given = WAYS.filter((key) => location[key] !== undefined);
  if (given.length === 0)
    throw new AuthorError({
      code: 'no-location',
      where,
      what: 'it does not say where.',
      mend: "Give one of register: 'sp', csr: 'mstatus', address: 0x8000_1000, symbol: 'state' or region: 'speed'.",
    });
  if (given.length > 1)
    throw new AuthorError({
      code: 'several-locations',
      where,
      what: `it names several places: ${given.join(' and ')}.`,
      mend: 'A fault has one location; inject one fault for each.',
    });
  const { register, csr, symbol, region, address, offset = 0 } = location;
  if (register !== undefined) return { is: 'register', register: requireRegister(where, register) };
  if (csr !== undefined) return { is: 'csr', name: csr, csr: requireCsr(where, csr, machine.xlenOf(vm)) };
  if (symbol !== undefined) return within(requireSymbol(where, machine, vm, symbol), offset);
  if (region !== undefined) return within(requireRegion(where, machine, vm, region), offset);
  return { is: 'memory', address: address! + offset, size: undefined };
}

const within = (
  { address, size }: { readonly address: number; readonly size: number },
  offset: number,
): Place => ({
  is: 'memory',
  address: address + offset,
  size: size > offset ? size - offset : undefined,
});

/** The number of a CSR that harts of this width have. @throws AuthorError naming the one probably meant */
function requireCsr(where: string, name: string, xlen: 32 | 64): number {
  const number = csrNumber(name, xlen);
  if (number !== undefined) return number;
  throw new AuthorError({
    code: 'unknown-register',
    where,
    what: `an RV${xlen} hart has no CSR “${name}”.`,
    mend: suggestName(name, csrNames(xlen), 'CSR'),
  });
}

/** The shared region of a channel. @throws AuthorError where the VM has none of this name */
function requireRegion(where: string, { system }: FaultyMachine, vm: string, name: string) {
  const regions = system.channels.filter(
    (channel) => channel.kind === 'shared' && (channel.from === vm || channel.to.includes(vm)),
  );
  const found = regions.find((channel) => channel.name === name);
  if (found?.kind === 'shared') return found;
  throw new AuthorError({
    code: 'unknown-channel',
    where,
    what: `VM “${vm}” has no shared region “${name}”.`,
    mend: suggestName(
      name,
      regions.map((channel) => channel.name),
      'shared region of this VM',
    ),
  });
}

/** The name of a register that a fault can be in. @throws AuthorError for any other */
export function requireRegister(where: string, register: string): string {
  if (register === 'zero' || register === 'x0')
    throw new AuthorError({
      code: 'unknown-register',
      where,
      what: `${register} is always zero: a fault there does nothing.`,
      mend: 'Choose a register that holds something.',
    });
  if (register === 'pc' || REGISTER_NAMES.includes(register)) return register;
  throw new AuthorError({
    code: 'unknown-register',
    where,
    what: `there is no register “${register}”.`,
    mend: suggestName(
      register,
      ['pc', 'sp', 'ra', 'a0…a7', 's0…s11', 't0…t6', 'x1…x31', 'fa0…fa7', 'f0…f31'],
      'register',
    ),
  });
}

/** The symbol of the VM's image. @throws AuthorError naming symbols that are spelt alike */
export function requireSymbol(
  where: string,
  machine: FaultyMachine,
  vm: string,
  symbol: string,
): { readonly address: number; readonly size: number } {
  const image = machine.imageOf(vm);
  const found = image?.symbols.find(symbol);
  if (found !== undefined) return found;
  const names = image === undefined ? [] : Array.from(image.symbols, ({ name }) => name);
  throw new AuthorError({
    code: 'unknown-symbol',
    where,
    what: `the image of VM “${vm}”${image === undefined ? '' : ` (${image.name})`} has no symbol “${symbol}”.`,
    mend:
      names.length === 0
        ? 'It has no symbols at all: use the image as it came from the linker, before strip.'
        : suggestName(symbol, names.length > MOST_LISTED ? nearNames(symbol, names) : names, 'symbol'),
  });
}

const MOST_LISTED = 12;
/** Too many to list: those that begin alike. */
const nearNames = (symbol: string, names: readonly string[]): readonly string[] => {
  const close = names.filter((name) => Math.abs(name.length - symbol.length) <= 2);
  const alike = names.filter((name) => name.startsWith(symbol.slice(0, 3))).slice(0, MOST_LISTED);
  return alike.length > 0
    ? [...new Set([...alike, ...close])].slice(0, MOST_LISTED)
    : close.slice(0, MOST_LISTED);
};

/** Throws unless `size` bytes from `address` on lie in memory of the VM: RAM, a shared region, boot ROM or flash. */
export function requireInMemory(
  where: string,
  { system }: FaultyMachine,
  vm: string,
  address: number,
  size: number,
): void {
  const { ram, profile } = system.vms.find(({ name }) => name === vm)!;
  const memories = [
    { base: MEMORY_MAP.ram.base, size: ram },
    MEMORY_MAP.flash,
    // Below a supervisor nobody can see it.
    ...(profile === 'machine' ? [MEMORY_MAP.bootRom] : []),
    ...system.channels.flatMap((channel) =>
      channel.kind === 'shared' && (channel.from === vm || channel.to.includes(vm))
        ? [{ base: channel.address, size: channel.size }]
        : [],
    ),
  ];
  const isThere = memories.some((each) => address >= each.base && address + size <= each.base + each.size);
  if (Number.isSafeInteger(address) && isThere) return;
  const { base } = MEMORY_MAP.ram;
  throw new AuthorError({
    code: 'outside-ram',
    where,
    what: `${size === 1 ? 'the byte' : `the ${size} bytes`} at ${Number.isSafeInteger(address) ? hex(address) : address} ${size === 1 ? 'is' : 'are'} not in the private RAM of VM “${vm}” (${hex(base)}..${hex(base + ram - 1)}), nor in a shared region, ROM or flash of it.`,
    mend: 'Use an address in one of these, or a symbol; messages in channels are corrupted with faults.corruptMessage.',
  });
}
