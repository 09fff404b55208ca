import type { TraceEvent } from '../../hypervisor';
import { MAX_NAME_BYTES } from '../../platform/names';
import { Outcome, Probe } from '../../platform/policy/probe';
import { type System, type SystemVm, TEST_END } from '../../platform/system';
import { ms } from '../../platform/units';
import type { ValueOf } from '../../platform/message';
import { boot } from '../machine/boot';
import { anyOf, mark } from '../machine/event-pattern';
import type { TestMachine } from '../machine/test-machine';
import { packageFile } from '../package-files';
import type { DefinedSystem } from '../system/define-system';
import { systemImages } from '../system/system-images';
import { type Attempt, probePlan } from './probe-plan';

/** Something that a hostile guest tried, and what came of it. */
export interface ProbeResult {
  readonly vm: string;
  /** What was tried, for people. */
  readonly what: string;
  /** Whether the system's declaration allows it. */
  readonly isDeclared: boolean;
  /** Whether it was denied, and where that shows in the trace the denial was there. */
  readonly isDenied: boolean;
}

/** What came of everything that could be tried. */
export interface PolicyReport {
  readonly results: readonly ProbeResult[];
  /** What no declaration allows and was not denied, or was without a word in the trace. */
  readonly violations: readonly ProbeResult[];
  /** What the declaration allows and was denied. */
  readonly refusals: readonly ProbeResult[];
  /** VMs from which nothing was tried: those that start with a firmware of their own. */
  readonly untried: readonly string[];
}

export interface ProbeOptions {
  /** Seed of the machines that are booted. Default 1. */
  readonly seed?: number;
  /** A system with the same VMs whose declaration is the policy: is nothing allowed beyond that one? Default: the system itself. */
  readonly policy?: DefinedSystem<string>;
}

/** Virtual time that a batch of probes may take; a VM with a small budget needs some. */
const AT_MOST = ms(5000);
/** Bytes of scratch memory for each probe's name. */
const NAME_ROOM = MAX_NAME_BYTES + 1;

const proberFor = ({ profile }: SystemVm, xlen: 32 | 64): string =>
  packageFile(
    `fixtures/prober/prober${profile === 'machine' ? '.machine' : ''}${xlen === 64 ? '.rv64' : ''}.elf`,
  );

/**
 * Boots the system once for each of its VMs, with a hostile guest in that VM's place, which tries everything that the
 * declaration does not allow: every channel call at every port, authority over every VM, memory and devices in every
 * gap, other cards' VLANs. The others run what they always run.
 * @throws ImageError when a VM's RAM is too small for the prober (64 KiB are enough)
 */
export async function probePolicy(
  system: DefinedSystem<string>,
  { seed = 1, policy = system }: ProbeOptions = {},
): Promise<PolicyReport> {
  const results: ProbeResult[] = [];
  const untried: string[] = [];
  const images = systemImages(system);
  for (const vm of system.resolved.vms) {
    if (system.definition.vms[vm.name]!.firmware !== undefined) {
      untried.push(vm.name);
      continue;
    }
    const image = proberFor(vm, images.get(vm.name)!.xlen);
    const machine = await boot(withProber(system, vm.name), { seed, images: { [vm.name]: image } });
    try {
      results.push(...(await probeFrom(machine, vm, policy.resolved)));
    } finally {
      machine.dispose();
    }
  }
  return {
    results,
    violations: results.filter(({ isDeclared, isDenied }) => !isDeclared && !isDenied),
    refusals: results.filter(({ isDeclared, isDenied }) => isDeclared && isDenied),
    untried,
  };
}

/** The prober errs all the time and feeds no watchdog, and is to go on all the same. */
const whereToProbe = ({ confidential }: SystemVm): Partial<SystemVm> => ({
  health: {},
  watchdog: undefined,
  secureBoot: undefined,
  ...(confidential === undefined ? {} : { confidential: TEST_END }),
});

/** The system with one VM that starts what the test puts there, and lets the test look. */
const withProber = (system: DefinedSystem<string>, prober: string): DefinedSystem<string> => ({
  ...system,
  resolved: {
    ...system.resolved,
    vms: system.resolved.vms.map((vm) => (vm.name === prober ? { ...vm, ...whereToProbe(vm) } : vm)),
  },
});

async function probeFrom(
  machine: TestMachine<string>,
  vm: SystemVm,
  policy: System,
): Promise<readonly ProbeResult[]> {
  const guest = machine.vm(vm.name);
  if (!vm.autostart) guest.start();
  await machine.runUntil(mark('probing', { vm: vm.name }), { atMost: AT_MOST });
  const { symbols } = machine.imageOf(vm.name);
  const place = (symbol: string) => symbols.find(symbol)!;
  const scratch = place('scratch');
  const attempts = probePlan(machine.system, policy, vm.name, { xlen: machine.xlenOf(vm.name), scratch });
  const batchSize = place('probes').size / Probe.size;
  const results: ProbeResult[] = [];
  for (let first = 0; first < attempts.length; first += batchSize) {
    const batch = attempts.slice(first, first + batchSize);
    const began = machine.now;
    batch.forEach(({ probe, name }, index) => {
      const words = [...probe.words];
      if (name !== undefined) {
        const at = scratch.address + index * NAME_ROOM;
        guest.write(at, new TextEncoder().encode(name));
        words[0] = BigInt(at);
      }
      while (words.length < 8) words.push(0n);
      guest.write(place('probes').address + index * Probe.size, Probe.encode({ ...probe, words }));
    });
    guest.write('probe_count', new Uint8Array(Uint32Array.of(batch.length).buffer));
    await machine.runUntil(anyOf(mark('probed', { vm: vm.name }), guest.crashed()), { atMost: AT_MOST });
    const happened = eventsOfProbes(machine.trace, vm.name, began);
    batch.forEach((attempt, index) => {
      const outcome = Outcome.decode(
        guest.read(place('outcomes').address + index * Outcome.size, Outcome.size),
      );
      const { what, isDeclared } = attempt;
      results.push({ vm: vm.name, what, isDeclared, isDenied: isDenied(attempt, outcome, happened[index]) });
    });
  }
  return results;
}

/** What happened to the VM during each probe of the last batch: it marks the trace before each. */
function eventsOfProbes(
  trace: readonly TraceEvent[],
  vm: string,
  since: number,
): readonly (readonly TraceEvent[])[] {
  const probes: TraceEvent[][] = [];
  for (const event of trace) {
    if (event.at < since || !('vm' in event) || event.vm !== vm) continue;
    if (event.kind === 'mark' && event.name === 'probe') probes.push([]);
    else probes.at(-1)?.push(event);
  }
  return probes;
}

/** A denial counts only as a whole: what the guest is told, and what the trace says of it. */
function isDenied(
  { denial }: Attempt,
  { trapped, cause, error, value }: ValueOf<typeof Outcome>,
  happened: readonly TraceEvent[] = [],
): boolean {
  switch (denial.by) {
    case 'hypercall':
      return (
        error !== 0n &&
        happened.some((event) => event.kind === 'hypercall-denied' && event.call === denial.call)
      );
    case 'access-fault':
      return trapped === 1 && cause === denial.cause;
    case 'absence':
      return trapped === 1 || value === 0n;
    case 'network':
      return happened.some((event) => event.kind === 'frame-dropped' && event.why === 'vlan');
    case 'crash':
      return happened.some(
        (event) =>
          event.kind === 'vm-crashed' && event.fault.kind === 'trap' && event.fault.cause === denial.cause,
      );
  }
}
