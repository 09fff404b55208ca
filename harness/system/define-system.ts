import type {
  ChannelDefinition,
  NetworkDefinition,
  System,
  SystemDefinition,
  VmDefinition,
} from '../../platform/system';
import { scheduleReport } from '../../platform/analysis/schedule-report';
import { resolveSystem } from '../../platform/validate-system';
import type { ImageSource } from '../image';
import { callerDirectory, directoryNamed } from './caller-directory';

/** Channels by name, as an author declares them between VMs of these names. */
export type ChannelDefinitions<VmName extends string = string> = Readonly<
  Record<string, ChannelDefinition<VmName>>
>;

export interface DefineSystemOptions {
  /**
   * What relative image paths count from: a folder, or a module's `import.meta.url`.
   * Default: the folder of the file that calls `defineSystem`.
   */
  readonly relativeTo?: string | URL;
}

/** A system that can be booted; `defineSystem` makes it. VM, channel and network names are part of its type. */
export interface DefinedSystem<
  VmName extends string = string,
  Channels extends ChannelDefinitions = ChannelDefinitions,
  NetworkName extends string = string,
> {
  readonly definition: SystemDefinition<ImageSource, VmName, keyof Channels & string>;
  readonly channels: Channels;
  /** Its virtual networks, by name. */
  readonly networks: Readonly<Record<NetworkName, NetworkDefinition>>;
  /** The same with every default filled in. */
  readonly resolved: System;
  /** What relative image paths count from; undefined when the caller is no file. */
  readonly directory: string | undefined;
}

/** What `defineSystem` is given: a system whose names TypeScript infers. */
export type SystemToDefine<VmName extends string, Channels, NetworkName extends string> = Omit<
  SystemDefinition<ImageSource, VmName>,
  'vms' | 'channels' | 'networks'
> & {
  readonly vms: Readonly<Record<VmName, VmDefinition<ImageSource, NoInfer<VmName>, NoInfer<NetworkName>>>>;
  readonly channels?: Channels;
  readonly networks?: Readonly<Record<NetworkName, NetworkDefinition>>;
};

/**
 * Defines a system of VMs and channels. Names are inferred: a misspelt VM, channel or network does not compile.
 * Image paths are looked up when the system boots.
 * Warns (`ScheduleWarning`) of what is well-formed and cannot work: a deadline that the declared budgets do not leave room for.
 * @throws SystemError for the first mistake, with its place and how to mend it
 */
export function defineSystem<
  VmName extends string,
  const Channels extends ChannelDefinitions<NoInfer<VmName>> = Record<never, never>,
  NetworkName extends string = never,
>(
  definition: SystemToDefine<VmName, Channels, NetworkName>,
  options: DefineSystemOptions = {},
): DefinedSystem<VmName, Channels, NetworkName> {
  const resolved = resolveSystem(definition);
  // What cannot work can still run, and a spec may want to see it fail.
  for (const warning of scheduleReport(resolved).warnings) process.emitWarning(warning, 'ScheduleWarning');
  const { relativeTo } = options;
  return {
    definition,
    channels: definition.channels ?? ({} as Channels),
    networks: definition.networks ?? ({} as Record<NetworkName, NetworkDefinition>),
    resolved,
    directory: relativeTo === undefined ? callerDirectory(defineSystem) : directoryNamed(relativeTo),
  };
}
