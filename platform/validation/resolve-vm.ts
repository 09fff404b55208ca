import { MAX_MACHINE_RAM, MAX_RAM, PAGE_SIZE } from '../memory-map';
import type { SystemHealth } from '../health';
import type { System, SystemNic, SystemVm } from '../system';
import { VIRTIO_SLOTS } from '../devices/virtio-mmio';
import { bytes, kib, nanoseconds, type ByteCount } from '../units';
import { virtioSlots } from '../virtio/slots';
import { requireChoice, requireDuration, requireObject, requireWhole, show } from './checks';
import { resolveFaultPolicy } from './resolve-fault-policy';
import { resolveHarts } from './resolve-harts';
import { mergeHealth, resolveHealth } from './resolve-health';
import { resolveLimits } from './resolve-limits';
import { resolveDisks } from './resolve-disks';
import { resolveNics } from './resolve-networks';
import { resolveFlash } from './resolve-flash';
import { resolveConsoleRate } from './resolve-rate';
import { resolveConfidential, resolveOthers } from './resolve-rights';
import { resolveSecure } from './resolve-secure';
import { resolveSecureBoot } from './resolve-secure-boot';
import { resolveUpdate } from './resolve-update';
import { SystemError } from './system-error';

const PROPERTIES = [
  'image',
  'firmware',
  'initrd',
  'profile',
  'ram',
  'harts',
  'core',
  'cores',
  'affinity',
  'schedule',
  'onFault',
  'health',
  'keeps',
  'watchdog',
  'switchesSchedules',
  'authorityOver',
  'debugs',
  'confidential',
  'secure',
  'secureBoot',
  'update',
  'limits',
  'autostart',
  'bootArguments',
  'consoleCapacity',
  'consoleRate',
  'disks',
  'flash',
  'nics',
  'virtioConsole',
  'entropy',
];
const SCHEDULE_PROPERTIES = ['priority', 'period', 'budget', 'deadline'];
const DEFAULT_CONSOLE_CAPACITY = kib(64);
const MAX_CONSOLE_CAPACITY = kib(64 * 1024);

function resolveRam(where: string, ram: unknown): ByteCount {
  if (ram === undefined)
    throw new SystemError('ram-missing', where, 'a VM needs RAM.', 'Write for example ram: kib(256).');
  const size = requireWhole(where, ram, {
    from: -Infinity,
    of: 'bytes',
    mend: 'Write for example kib(256).',
  });
  if (size <= 0)
    throw new SystemError('ram-zero', where, `${size} bytes is no RAM.`, 'Write for example kib(256).');
  if (size > MAX_RAM)
    throw new SystemError(
      'ram-too-large',
      where,
      `${size} bytes is more than a VM may have.`,
      `Write at most mib(${MAX_RAM / 2 ** 20}).`,
    );
  if (size % PAGE_SIZE !== 0)
    throw new SystemError(
      'ram-unaligned',
      where,
      `${size} bytes is not a multiple of 4 KiB.`,
      `Write kib(${(Math.ceil(size / PAGE_SIZE) * PAGE_SIZE) / 1024}).`,
    );
  return bytes(size);
}

function resolveSchedule(
  where: string,
  declared: unknown,
): Pick<SystemVm, 'priority' | 'period' | 'budget' | 'deadline'> {
  const given = declared === undefined ? {} : requireObject(where, declared, SCHEDULE_PROPERTIES);
  const duration = (name: string) => {
    const value = given[name];
    return value === undefined ? undefined : nanoseconds(requireDuration(`${where}.${name}`, value));
  };
  const [period, budget, deadline] = [duration('period'), duration('budget'), duration('deadline')];
  if (period === undefined) {
    if (budget !== undefined)
      throw new SystemError(
        'budget-without-period',
        `${where}.budget`,
        'a budget is core time in every period, but there is no period.',
        'Declare the period.',
      );
    if (deadline !== undefined)
      throw new SystemError(
        'deadline-without-period',
        `${where}.deadline`,
        'a deadline counts from the release of a period, but there is no period.',
        'Declare the period.',
      );
  } else {
    if (budget !== undefined && budget > period)
      throw new SystemError(
        'budget-over-period',
        `${where}.budget`,
        `${budget} ns do not fit the period of ${period} ns.`,
        'Make the budget at most the period.',
      );
    if (deadline !== undefined && deadline > period)
      throw new SystemError(
        'deadline-over-period',
        `${where}.deadline`,
        `${deadline} ns is after the next release; the period is ${period} ns.`,
        'Make the deadline at most the period.',
      );
  }
  const priority = given['priority'] ?? 0;
  return {
    priority: requireWhole(`${where}.priority`, priority, {
      from: -Infinity,
      mend: 'Write for example 10; higher runs first.',
    }),
    period,
    budget,
    deadline: deadline ?? period,
  };
}

function resolveKeeps(where: string, declared: unknown): readonly string[] {
  if (!Array.isArray(declared) || !declared.every((name) => typeof name === 'string'))
    throw new SystemError(
      'wrong-type',
      where,
      `needs a list of the image's objects, not ${Array.isArray(declared) ? 'one of something else' : show(declared)}.`,
      "Write for example ['doseDelivered'].",
    );
  return declared;
}

function requireBoolean(where: string, value: unknown): boolean {
  if (typeof value !== 'boolean')
    throw new SystemError(
      'wrong-type',
      where,
      `${show(value)} is neither true nor false.`,
      'Write true or false.',
    );
  return value;
}

function requireText(where: string, value: unknown): string {
  if (typeof value !== 'string' || value.includes('\0'))
    throw new SystemError(
      'wrong-type',
      where,
      `needs a string without NUL characters, not ${show(value)}.`,
      "Write for example 'verbose=1'.",
    );
  return value;
}

/** What of the rest of the system a VM's definition refers to. */
export interface VmSurroundings {
  readonly vmNames: readonly string[];
  readonly cores: number;
  readonly networkNames: readonly string[];
  /** The system's table of errors. */
  readonly health: SystemHealth;
  /** Those that the system trusts. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** One VM with its defaults filled in. */
export function resolveVm(
  name: string,
  declared: unknown,
  { vmNames, cores, networkNames, health, keys }: VmSurroundings,
): SystemVm {
  const where = `vms.${name}`;
  const given = requireObject(where, declared, PROPERTIES);
  if (given['image'] === undefined)
    throw new SystemError(
      'image-missing',
      `${where}.image`,
      'a VM needs an image.',
      'Write the path of an ELF file.',
    );
  const profile = requireChoice(`${where}.profile`, given['profile'] ?? 'supervisor', [
    'supervisor',
    'machine',
  ]);
  if (given['firmware'] !== undefined && profile !== 'machine')
    throw new SystemError(
      'firmware-without-machine',
      `${where}.firmware`,
      'a firmware runs in M-mode, which a supervisor guest has none of: the hypervisor is its firmware.',
      "Leave it out, or write profile: 'machine'.",
    );
  const ram = resolveRam(`${where}.ram`, given['ram']);
  const schedule = resolveSchedule(`${where}.schedule`, given['schedule']);
  const secure = resolveSecure(`${where}.secure`, given['secure']);
  const limits = resolveLimits(`${where}.limits`, given['limits'] ?? {}, { ram, ...schedule });
  return {
    name,
    profile,
    ram,
    ...resolveHarts(where, given, cores),
    ...schedule,
    secureBoot: resolveSecureBoot(`${where}.secureBoot`, given['secureBoot'], {
      vm: name,
      keys,
      unsigned: ['firmware', 'initrd'].filter((part) => given[part] !== undefined),
    }),
    update: resolveUpdate(`${where}.update`, given['update'], { name, vmNames, limits }),
    shadowOf: undefined,
    limits,
    onFault: resolveFaultPolicy(`${where}.onFault`, given['onFault'] ?? 'stop', name, vmNames),
    keeps: resolveKeeps(`${where}.keeps`, given['keeps'] ?? []),
    watchdog:
      given['watchdog'] === undefined
        ? undefined
        : nanoseconds(requireDuration(`${where}.watchdog`, given['watchdog'])),
    authorityOver: resolveOthers(`${where}.authorityOver`, given['authorityOver'] ?? [], name, vmNames),
    switchesSchedules: requireBoolean(`${where}.switchesSchedules`, given['switchesSchedules'] ?? false),
    debugs: resolveOthers(`${where}.debugs`, given['debugs'] ?? [], name, vmNames),
    secure,
    confidential:
      resolveConfidential(`${where}.confidential`, given['confidential']) ??
      (secure === undefined ? undefined : 'nobody'),
    health: mergeHealth(
      name,
      resolveHealth(`${where}.health`, given['health'] ?? {}, { name, vmNames }),
      health,
      given['onFault'] !== undefined,
    ),
    autostart: requireBoolean(`${where}.autostart`, given['autostart'] ?? true),
    bootArguments: requireText(`${where}.bootArguments`, given['bootArguments'] ?? ''),
    consoleCapacity: bytes(
      requireWhole(`${where}.consoleCapacity`, given['consoleCapacity'] ?? DEFAULT_CONSOLE_CAPACITY, {
        from: 1,
        to: MAX_CONSOLE_CAPACITY,
        of: 'bytes',
        mend: 'Write for example kib(64).',
      }),
    ),
    consoleRate: resolveConsoleRate(`${where}.consoleRate`, given['consoleRate']),
    ...resolveVirtio(
      where,
      given,
      resolveNics(`${where}.nics`, given['nics'] ?? [], vmNames.indexOf(name), networkNames),
    ),
    flash: resolveFlash(`${where}.flash`, given['flash'] ?? {}),
  };
}

/** The virtio devices, as many as there are slots for. */
function resolveVirtio(
  where: string,
  given: Readonly<Record<string, unknown>>,
  nics: readonly SystemNic[],
): Pick<SystemVm, 'disks' | 'nics' | 'virtioConsole' | 'entropy'> {
  const devices = {
    disks: resolveDisks(`${where}.disks`, given['disks'] ?? []),
    nics,
    virtioConsole: requireBoolean(`${where}.virtioConsole`, given['virtioConsole'] ?? false),
    entropy: requireBoolean(`${where}.entropy`, given['entropy'] ?? false),
  };
  const count = virtioSlots(devices).length;
  if (count > VIRTIO_SLOTS)
    throw new SystemError(
      'too-many-virtio-devices',
      where,
      `it has ${count} virtio devices, and there are ${VIRTIO_SLOTS} slots.`,
      'Leave some out, or make one disk of several.',
    );
  return devices;
}

/** Throws when the machine would have more RAM than one memory and what is derived from it hold. */
export function requireMemory(vms: System['vms'], shared: readonly { readonly size: number }[]): void {
  const total = [...vms.map(({ limits }) => limits.ram), ...shared.map(({ size }) => size)].reduce(
    (a, b) => a + b,
    0,
  );
  if (total > MAX_MACHINE_RAM)
    throw new SystemError(
      'ram-too-large',
      'vms',
      `the VMs and shared regions have ${Math.ceil(total / 2 ** 20)} MiB together, more than a machine may.`,
      `Bring them to at most mib(${MAX_MACHINE_RAM / 2 ** 20}) in all.`,
    );
}
