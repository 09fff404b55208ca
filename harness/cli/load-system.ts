import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mib } from '../../platform/units';
import { type DefinedSystem, defineSystem } from '../system/define-system';

/**
 * The system of a file: an ELF image becomes a system of one VM with 16 MiB of RAM, a module must export a system.
 * @throws Error that says what the file lacks
 */
export async function loadSystem(
  file: string,
  profile?: 'supervisor' | 'machine',
): Promise<DefinedSystem<string>> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  if (!/\.[cm]?[jt]s$/.test(path))
    return defineSystem({
      vms: { guest: { image: path, ram: mib(16), ...(profile === undefined ? {} : { profile }) } },
    });
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const exported = { ...(module['default'] as object | undefined), ...module };
  const system = Object.values(exported).find(isDefinedSystem);
  if (system === undefined)
    throw new Error(`${path} exports no system. Write: export const system = defineSystem({ vms: { … } });`);
  return system;
}

const isDefinedSystem = (value: unknown): value is DefinedSystem<string> =>
  typeof value === 'object' && value !== null && 'resolved' in value && 'definition' in value;
