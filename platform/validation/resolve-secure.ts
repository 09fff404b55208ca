/** The secure world: a VM that others reach by its declared calls, and a system that declares a second way in is refused. */
import { supervisorsIn } from '../health';
import type { SystemSecure } from '../secure-world/secure-definition';
import type { SystemChannel, SystemVm } from '../system';
import { requireDistinct, requireObject, show } from './checks';
import { SystemError } from './system-error';

export function resolveSecure(where: string, declared: unknown): SystemSecure | undefined {
  if (declared === undefined) return undefined;
  const { calls } = requireObject(where, declared, ['calls']);
  if (!Array.isArray(calls) || calls.some((name) => typeof name !== 'string'))
    throw new SystemError(
      'wrong-type',
      `${where}.calls`,
      `needs a list of channels, not ${show(calls)}.`,
      "Write for example calls: ['sign'].",
    );
  return { calls: requireDistinct(`${where}.calls`, calls as string[]) };
}

/** Throws for anything by which a secure VM is reached, looked into or led besides its declared calls. */
export function requireOneWayIn(vms: readonly SystemVm[], channels: readonly SystemChannel[]): void {
  for (const vm of vms) {
    if (vm.secure === undefined) continue;
    requireDeclaredCalls(vm, vm.secure, channels);
    requireNoLeader(vm, vms);
  }
}

/** Whether something comes to the VM by the channel: what is sent to it, or the reply to what it calls. */
const reaches = ({ name }: SystemVm, { kind, from, to }: SystemChannel): boolean =>
  to.includes(name) || (kind === 'rpc' && from === name);

function requireDeclaredCalls(
  vm: SystemVm,
  { calls }: SystemSecure,
  channels: readonly SystemChannel[],
): void {
  const where = `vms.${vm.name}.secure.calls`;
  for (const channel of channels) {
    const { name, kind, from, to } = channel;
    if (kind === 'shared' && (from === vm.name || to.includes(vm.name)))
      throw secondWay(
        `channels.${name}`,
        `it shares memory with ${JSON.stringify(vm.name)}, which is secure.`,
        'Declare a queue, a sampling channel or a remote procedure call, which copy.',
      );
    if (reaches(vm, channel) && !calls.includes(name))
      throw secondWay(
        `channels.${name}`,
        `it reaches ${JSON.stringify(vm.name)}, which is secure and does not name it.`,
        `Add it to ${where}, or leave it out.`,
      );
  }
  for (const name of calls) {
    const channel = channels.find((candidate) => candidate.name === name);
    if (channel === undefined || !reaches(vm, channel))
      throw new SystemError(
        'unknown-call',
        where,
        `nothing comes to ${JSON.stringify(vm.name)} by ${JSON.stringify(name)}.`,
        channel === undefined ? 'There is no such channel.' : 'Name channels to it, and calls that it makes.',
      );
  }
  if (vm.nics.length > 0)
    throw secondWay(
      `vms.${vm.name}.nics`,
      'a secure VM has no network card: frames are no declared calls.',
      'Let another VM own the card, and call this one.',
    );
}

/** Nobody leads a secure VM's life, decides on its errors or changes its image. Debuggers are refused as of any confidential VM. */
function requireNoLeader(secure: SystemVm, vms: readonly SystemVm[]): void {
  const { name, health, update } = secure;
  const mend = `Leave it out: ${name} is secure, and reached by its calls only.`;
  for (const other of vms)
    if (other.authorityOver.includes(name))
      throw secondWay(`vms.${other.name}.authorityOver`, `${JSON.stringify(name)} is secure.`, mend);
  const [supervisor] = supervisorsIn(health);
  if (supervisor !== undefined)
    throw secondWay(
      `vms.${name}.health`,
      `${JSON.stringify(supervisor)} would decide on errors of a secure VM.`,
      'Declare what is to be done, without asking.',
    );
  if (update !== undefined && update.by.length > 0)
    throw secondWay(
      `vms.${name}.update.by`,
      `${JSON.stringify(update.by[0])} would exchange the image of a secure VM.`,
      mend,
    );
}

const secondWay = (where: string, what: string, mend: string): SystemError =>
  new SystemError('second-way-in', where, what, mend);
