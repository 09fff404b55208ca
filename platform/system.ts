/**
 * A **system**: the static description of VMs, memory, channels, schedule and policies.
 * Plain data; validated in `validate-system.ts` before anything runs.
 */
import type {
  ChannelDefinition,
  MutexProtocol,
  RateDefinition,
  TEST_END,
  WhenFull,
} from './channel-definition';
import type { CostModel } from './costs';
import type { FaultPolicy, HealthTable, SystemHealth } from './health';
import type { Message } from './message';
import type { ModuleScheduleDefinition, SchedulingPolicy, SystemSchedule } from './schedule-definition';
import type { ByteCount, Nanoseconds } from './units';
import type { SecureBootDefinition, SystemSecureBoot } from './secure-boot/secure-boot-definition';
import type { SecureDefinition, SystemSecure } from './secure-world/secure-definition';
import type { SystemUpdate, UpdateDefinition } from './update/update-definition';

export type {
  ModuleScheduleDefinition,
  ScheduleChangeAction,
  SchedulingPolicy,
  SystemSchedule,
  SystemWindow,
  WindowDefinition,
} from './schedule-definition';
export {
  type ChannelDefinition,
  type ChannelKind,
  type MutexProtocol,
  publicationSize,
  type RateDefinition,
  TEST_END,
  type WhenFull,
} from './channel-definition';
export type { SecureBootDefinition, SystemSecureBoot } from './secure-boot/secure-boot-definition';
export type {
  Ask,
  BackOff,
  Escalation,
  FaultPolicy,
  HealthAction,
  HealthRow,
  HealthTable,
  RestartKind,
} from './health';

/** Which mode a guest starts in and who owns the chip (platform.md, Guests). */
export type Profile = 'supervisor' | 'machine';

export interface Schedule {
  /** Higher runs first. Default 0. Equal priorities take turns, one `timeSlice` each. */
  readonly priority?: number;
  /** Release period. With `budget`: at most `budget` of core time in every period, for all harts together. */
  readonly period?: Nanoseconds;
  readonly budget?: Nanoseconds;
  /** Time from release to completion that a periodic VM promises. Default: the period. */
  readonly deadline?: Nanoseconds;
}

/** A file by its path, or its bytes. */
export type FileSource = string | Uint8Array;

export interface VmDefinition<
  Image = string,
  VmName extends string = string,
  NetworkName extends string = string,
> {
  readonly image: Image;
  /**
   * What the hart starts in before the image, in M-mode, such as OpenSBI: it is loaded at the start of RAM and told
   * where the image is. For the `machine` profile; in the other one the hypervisor is the firmware.
   */
  readonly firmware?: Image;
  /** An operating system's initial file system, such as a cpio archive: loaded as it is, `/chosen` says where. */
  readonly initrd?: FileSource;
  readonly profile?: Profile;
  /** Private RAM at 0x8000_0000: a multiple of 4 KiB. */
  readonly ram: ByteCount;
  /** How many harts it has, at most 8. Default 1, or as many as `cores` are given. */
  readonly harts?: number;
  /** Which virtual core runs it, with all its harts: harts of one core take turns. Default 0. */
  readonly core?: number;
  /** Instead of `core`, which virtual core runs each hart: `[0, 1]`. */
  readonly cores?: readonly number[];
  /**
   * Instead of `core` and `cores`, the virtual cores that may run its harts, or `'any'`: the scheduler moves them between
   * those, so that a core that could run one does not rest. Cores between which harts move have one policy and no windows.
   */
  readonly affinity?: 'any' | readonly number[];
  readonly schedule?: Schedule;
  /** What becomes of it when it crashes, where no table of errors says otherwise. Default `'stop'`. */
  readonly onFault?: FaultPolicy<VmName>;
  /** What its errors lead to, by error and state. Default: the system's `health`, then `onFault`. */
  readonly health?: HealthTable<VmName>;
  /**
   * Objects of its image, by name, that every restart but a cold one leaves as they are. Those that start-up code clears
   * are kept by a restart from the snapshot only: a warm one runs it (`TV_NOINIT` keeps the SDK's from doing so).
   */
  readonly keeps?: readonly string[];
  /** The guest must feed its watchdog at least so often from its start on, and cannot disarm it. Default: it may be armed by the guest. */
  readonly watchdog?: Nanoseconds;
  /** Whether it may switch the machine to another of the system's schedules. Default false. */
  readonly switchesSchedules?: boolean;
  /** VMs that this one may start, stop, suspend, resume, restart and read the status of. */
  readonly authorityOver?: readonly VmName[];
  /** VMs whose memory this one may read and write and whose registers it may read, as a debugger does. */
  readonly debugs?: readonly VmName[];
  /**
   * No other VM may look into it, whatever authority it has: no debugger may be declared for it, and its faults tell their
   * kind only. With `true` the test may not either; `{ visibleTo: 'test' }` lets it read memory and registers.
   */
  readonly confidential?: true | { readonly visibleTo: typeof TEST_END };
  /** It is part of the secure world: others reach it by declared calls and in no other way, and it is confidential. */
  readonly secure?: SecureDefinition;
  /** It starts signed images only. Not together with firmware or initrd, which no signature covers. */
  readonly secureBoot?: SecureBootDefinition;
  /** It can be updated while the machine runs, without stopping the others. */
  readonly update?: UpdateDefinition<VmName>;
  /** How far whoever manages it may go while the machine runs. */
  readonly limits?: VmLimits;
  /** Whether the VM starts with the machine. Default true. */
  readonly autostart?: boolean;
  /** `/chosen/bootargs` of its devicetree. */
  readonly bootArguments?: string;
  /** Console bytes kept, of each of its consoles; older ones are dropped and counted. Default 64 KiB. */
  readonly consoleCapacity?: ByteCount;
  /** What it may write to each of its consoles. What goes over is lost, and recorded. Default: as much as it can. */
  readonly consoleRate?: Omit<RateDefinition, 'messages'> & { readonly bytes: ByteCount };
  /** Virtio disks, in the first slots. */
  readonly disks?: readonly DiskDefinition[];
  /** Its network cards, each on a network of the system. */
  readonly nics?: readonly NicDefinition<NetworkName>[];
  /** What its NOR flash holds at first, and how long it takes to change it. */
  readonly flash?: FlashDefinition;
  /** Whether it has a virtio console besides its UART. Default false. */
  readonly virtioConsole?: boolean;
  /** Whether it has a virtio source of entropy, seeded from the machine's seed. Default false. */
  readonly entropy?: boolean;
}

/** Bounds of what a VM may be given while the machine runs, by the test or by a VM with authority over it. */
export interface VmLimits {
  /** Most RAM. The machine sets so much aside. Default: `ram`. */
  readonly ram?: ByteCount;
  /** Largest budget, at most the period. Default: the declared budget. */
  readonly budget?: Nanoseconds;
}

/** A disk. It keeps what is written to it for as long as the machine lives, whatever becomes of the VM. */
export interface DiskDefinition {
  /** What it holds at first; the file itself is never written to. Default: nothing, it reads as zero. */
  readonly image?: FileSource;
  /** A multiple of 512 bytes. Default: the size of the image. */
  readonly size?: ByteCount;
  readonly readOnly?: boolean;
  /**
   * Most bytes that are ever written to it, however often the VM restarts; a request that goes over is an error and
   * recorded. Default: not limited.
   */
  readonly writeQuota?: ByteCount;
  /** At most 20 ASCII characters. Default `disk-0` and so on. */
  readonly serial?: string;
}

/** A virtual network card. */
export interface NicDefinition<NetworkName extends string = string> {
  /** The network that it is plugged into. */
  readonly network: NetworkName;
  /** Its address, such as `'02:00:00:00:00:01'`. Default: one that no other card of the machine has. */
  readonly mac?: string;
  /**
   * The VLAN that it is in (IEEE 802.1Q), 1 to 4094: its frames carry no tag, and it hears no other VLAN's. Where any
   * card of the network declares VLANs, a card that declares none is in VLAN 1.
   */
  readonly vlan?: number;
  /** VLANs whose frames it sends and hears with their tags, as a trunk does. Without `vlan` it has no untagged frames. */
  readonly trunk?: readonly number[];
  /** What it may send (frames are the messages). Default: as much as its wire carries. What goes over is dropped and recorded. */
  readonly rate?: RateDefinition;
}

/** A virtual network: an Ethernet switch with a port for every card on it, and one for the test. */
export interface NetworkDefinition {
  /** From a sender to the switch. Default 10 µs. */
  readonly latency?: Nanoseconds;
  /** Bits a second on each wire. Default 1 Gbit/s. */
  readonly bandwidth?: number;
  /** Frames that may wait for one receiver; further ones are dropped. Default 256. */
  readonly queueCapacity?: number;
  /** Frames that are kept whole, for specs and captures: the last ones. Default 1024. */
  readonly framesKept?: number;
}

/**
 * The flash. It keeps what is programmed for as long as the machine lives, whatever becomes of the VM. An image, or a
 * firmware, with addresses in flash is delivered in it and runs there.
 */
export interface FlashDefinition {
  /** For each bank of 32 MiB in turn a file, bytes, or `null` for an erased one. The files are never written to. */
  readonly banks?: readonly (FileSource | null)[];
  /** How long it takes to program a word or a buffer. Default: no time. */
  readonly programTime?: Nanoseconds;
  /** How long it takes to erase a block. Default: no time. */
  readonly eraseTime?: Nanoseconds;
  /** Most bytes that may ever be programmed or erased, blocks as a whole. Default: no limit. */
  readonly writeQuota?: ByteCount;
}

/** What an author writes, with VM and channel names as type parameters. */
export interface SystemDefinition<
  Image = string,
  VmName extends string = string,
  ChannelName extends string = string,
> {
  /** Virtual cores. Default 1. */
  readonly cores?: number;
  /** Clock of the chip in Hz. Default 100 MHz. */
  readonly frequency?: number;
  readonly costs?: Partial<Omit<CostModel, 'instructions'>> & {
    readonly instructions?: Partial<CostModel['instructions']>;
  };
  /** Date and time at boot, for the real-time clocks: `'2030-12-31T23:59:59Z'`. Default the beginning of 2025. */
  readonly epoch?: string;
  /** Turn of equal priorities; a few instructions at least. Default 1 ms. */
  readonly timeSlice?: Nanoseconds;
  /**
   * How far one core may run ahead of another between hypercalls; a few instructions at least. Cores meet at multiples
   * of it. Default 10 µs.
   */
  readonly coreQuantum?: Nanoseconds;
  /** What errors lead to in every VM that says nothing of them itself. A VM's own `onFault` comes before it. */
  readonly health?: HealthTable<VmName>;
  /** Ed25519 public keys that VMs with `secureBoot` go by: 32 bytes, or 64 hexadecimal digits. */
  readonly trustedKeys?: Readonly<Record<string, string | Uint8Array>>;
  readonly vms: Readonly<Record<VmName, VmDefinition<Image, VmName>>>;
  /** The policy of every core, or of each: `['fixed-priority', 'earliest-deadline-first']`. Default fixed priorities. */
  readonly scheduling?: SchedulingPolicy | readonly SchedulingPolicy[];
  /**
   * Time partitioning: schedules of windows, by name. The machine begins with the first. A core that has a window in any
   * of them runs each VM in its windows only; other cores go by priorities. Default: no core has windows.
   */
  readonly schedules?: Readonly<Record<string, ModuleScheduleDefinition<VmName>>>;
  readonly channels?: Readonly<Record<ChannelName, ChannelDefinition<VmName>>>;
  readonly networks?: Readonly<Record<string, NetworkDefinition>>;
}

/** A validated system with every default filled in; VMs and channels in order of declaration. */
export interface System {
  readonly cores: number;
  readonly frequency: number;
  readonly costs: CostModel;
  /** Seconds from 1970-01-01 UTC to the machine's boot. */
  readonly epoch: number;
  readonly timeSlice: Nanoseconds;
  readonly coreQuantum: Nanoseconds;
  /** By core. */
  readonly scheduling: readonly SchedulingPolicy[];
  /** The initial one first; none: no core is divided into windows. */
  readonly schedules: readonly SystemSchedule[];
  readonly vms: readonly SystemVm[];
  readonly channels: readonly SystemChannel[];
  readonly networks: readonly SystemNetwork[];
}

export interface SystemVm {
  readonly name: string;
  readonly profile: Profile;
  readonly ram: ByteCount;
  /** The virtual core of each hart; of one that may move, where it begins. */
  readonly cores: readonly number[];
  /** The cores between which its harts move, in order; undefined: each stays on its own. */
  readonly affinity: readonly number[] | undefined;
  readonly priority: number;
  readonly period: Nanoseconds | undefined;
  readonly budget: Nanoseconds | undefined;
  readonly deadline: Nanoseconds | undefined;
  readonly onFault: FaultPolicy;
  /** Its own table, and the system's where it says nothing. */
  readonly health: SystemHealth;
  readonly keeps: readonly string[];
  readonly watchdog: Nanoseconds | undefined;
  readonly switchesSchedules: boolean;
  readonly authorityOver: readonly string[];
  readonly debugs: readonly string[];
  /** Undefined: not confidential. Else who may look into it all the same. */
  readonly confidential: 'nobody' | typeof TEST_END | undefined;
  readonly secure: SystemSecure | undefined;
  readonly secureBoot: SystemSecureBoot | undefined;
  readonly update: SystemUpdate | undefined;
  /** The VM in whose place its guests come once they have proven themselves. */
  readonly shadowOf: string | undefined;
  /** Of a shadow: virtio slots in its devicetree, which are those of the VM whose shadow it is, and empty. */
  readonly shownSlots?: number;
  readonly limits: SystemLimits;
  readonly autostart: boolean;
  readonly bootArguments: string;
  readonly consoleCapacity: ByteCount;
  readonly consoleRate: SystemRate | undefined;
  readonly disks: readonly SystemDisk[];
  readonly nics: readonly SystemNic[];
  readonly flash: SystemFlash;
  readonly virtioConsole: boolean;
  readonly entropy: boolean;
}

export interface SystemLimits {
  readonly ram: ByteCount;
  /** Undefined where the VM has no budget. */
  readonly budget: Nanoseconds | undefined;
}

export interface SystemDisk {
  /** Undefined: that of the image's file. */
  readonly size: ByteCount | undefined;
  readonly readOnly: boolean;
  readonly writeQuota: ByteCount | undefined;
  readonly serial: string;
}

export interface SystemNic {
  readonly network: string;
  readonly mac: string;
  /** Where its untagged frames belong; `undefined`: nowhere. */
  readonly vlan: number | undefined;
  readonly trunk: readonly number[];
  readonly rate: SystemRate | undefined;
}

export interface SystemNetwork {
  readonly name: string;
  readonly latency: Nanoseconds;
  readonly bandwidth: number;
  readonly queueCapacity: number;
  readonly framesKept: number;
  /** Whether any card on it declares VLANs; else tags are payload like any other. */
  readonly hasVlans: boolean;
}

export interface SystemFlash {
  readonly writeQuota: ByteCount | undefined;
  readonly programTime: Nanoseconds;
  readonly eraseTime: Nanoseconds;
}

interface SystemChannelBase {
  readonly name: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly message: Message | undefined;
  readonly rate: SystemRate | undefined;
}

export interface SystemRate {
  readonly messages: number | undefined;
  readonly bytes: number | undefined;
  readonly per: Nanoseconds;
}

export type SystemChannel =
  | (SystemChannelBase & {
      readonly kind: 'queue';
      readonly messageSize: number;
      readonly capacity: number;
      readonly whenFull: WhenFull;
    })
  | (SystemChannelBase & {
      readonly kind: 'sampling';
      readonly messageSize: number;
      readonly validity: Nanoseconds | undefined;
    })
  | (SystemChannelBase & { readonly kind: 'signal'; readonly initial: number; readonly maximum: number })
  | (SystemChannelBase & {
      readonly kind: 'shared';
      readonly size: number;
      readonly address: number;
      readonly mutex: MutexProtocol;
      readonly longestHold?: Nanoseconds;
    })
  | (SystemChannelBase & {
      readonly kind: 'rpc';
      readonly messageSize: number;
      readonly reply: Message | undefined;
      readonly replySize: number;
      readonly capacity: number;
    });
