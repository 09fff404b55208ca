/** Everything that can be asked of a served machine: path, input, and what is done. */
import type { TestMachine } from '../machine/test-machine';
import { logLine, SEVERITIES, type Severity } from '../machine/event-log';
import { readVmSnapshot } from '../machine/vm-snapshot';
import { stateText } from '../report/state-text';
import type { Nanoseconds } from '../../platform/units';

/** What Fastify has read and checked of a request. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

type Schema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** As in OpenAPI, with Fastify's colon for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Schema;
  readonly body?: Schema;
  /** The body is bytes, at most so many as a VM can have. */
  readonly takesBytes?: true;
  /** Answers with bytes instead of JSON. */
  readonly givesBytes?: true;
  carryOut(machine: TestMachine, asked: Asked): unknown;
}

/** Virtual time of one request: a client that wants more asks again. */
const LONGEST_RUN = 60e9;
/** Characters typed at once. */
const MOST_TYPED = 4096;

const object = (properties: Schema, required: readonly string[] = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const whole = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Schema => ({
  type: 'integer',
  minimum,
  maximum,
});

const describeVm = (machine: TestMachine, name: string) => {
  const vm = machine.vm(name);
  return {
    name,
    state: vm.state.is,
    description: stateText(machine, name, vm.state),
    generation: vm.generation,
    startReason: vm.startReason,
    position: vm.position,
  };
};

const describeMachine = (machine: TestMachine) => ({
  now: machine.now,
  halted: machine.halted ?? null,
  digest: machine.digest,
  seed: machine.seed,
  vms: machine.system.vms.map(({ name }) => describeVm(machine, name)),
});

const describeUpdate = (machine: TestMachine, name: string) => {
  const { why, rejection, ...rest } = machine.vm(name).updateStatus;
  return { ...rest, why: why ?? null, rejection: rejection ?? null };
};

/** What is done to a VM's life without any input, and answers with the VM as it is then. */
const LIFE = {
  start: 'Start a VM that is created, halted or crashed.',
  stop: 'Halt a VM.',
  suspend: 'Take its core time away.',
  resume: 'Give it back.',
  destroy: 'End it and clear its RAM, disks and flash.',
  create: 'Create a destroyed VM again.',
} as const;

const vmNamed = ({ params }: Asked): string => params['vm']!;

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/machine',
    summary: 'The machine: virtual time in nanoseconds, the digest of its trace, its VMs.',
    carryOut: describeMachine,
  },
  {
    method: 'POST',
    path: '/machine/run',
    summary: 'Let so many nanoseconds of virtual time pass, at most a minute at once.',
    body: object({ for: whole(1, LONGEST_RUN) }),
    carryOut: async (machine, { body }) => {
      await machine.runFor((body as { readonly for: Nanoseconds }).for);
      return describeMachine(machine);
    },
  },
  {
    method: 'GET',
    path: '/log',
    summary: 'The event log, oldest first.',
    query: object({ vm: { type: 'string' }, severity: { enum: SEVERITIES }, since: whole(0) }, []),
    carryOut: (machine, { query }) =>
      machine
        .log(query as { readonly vm?: string; readonly severity?: Severity; readonly since?: number })
        .map((entry) => ({
          at: entry.at,
          severity: entry.severity,
          vm: entry.vm ?? null,
          text: entry.text,
          line: logLine(entry),
        })),
  },
  {
    method: 'GET',
    path: '/vms/:vm',
    summary: 'A VM: state, generation, why it started, where it is.',
    carryOut: (machine, asked) => describeVm(machine, vmNamed(asked)),
  },
  {
    method: 'GET',
    path: '/vms/:vm/account',
    summary: 'What a VM has used, and what became of it.',
    carryOut: (machine, asked) => machine.vm(vmNamed(asked)).account,
  },
  ...(Object.keys(LIFE) as (keyof typeof LIFE)[]).map((action): Operation => ({
    method: 'POST',
    path: `/vms/:vm/${action}`,
    summary: LIFE[action],
    carryOut: (machine, asked) => {
      machine.vm(vmNamed(asked))[action]();
      return describeVm(machine, vmNamed(asked));
    },
  })),
  {
    method: 'POST',
    path: '/vms/:vm/restart',
    summary: 'Start a VM anew.',
    body: object({ kind: { enum: ['cold', 'warm', 'snapshot'] } }),
    carryOut: (machine, asked) => {
      machine
        .vm(vmNamed(asked))
        .restart((asked.body as { readonly kind: 'cold' | 'warm' | 'snapshot' }).kind);
      return describeVm(machine, vmNamed(asked));
    },
  },
  {
    method: 'PATCH',
    path: '/vms/:vm',
    summary: 'Give a VM more or less RAM (bytes, from its next start on) or budget (nanoseconds).',
    body: object({ ram: whole(1), budget: whole(1) }, []),
    carryOut: (machine, asked) => {
      machine.vm(vmNamed(asked)).configure(asked.body as { readonly ram?: number; readonly budget?: number });
      return machine.vm(vmNamed(asked)).account;
    },
  },
  {
    method: 'GET',
    path: '/vms/:vm/console',
    summary: 'What a VM wrote to its console, from a mark on that an earlier answer gave.',
    query: object({ since: whole(0) }, []),
    carryOut: (machine, asked) => {
      const { console } = machine.vm(vmNamed(asked));
      const since = (asked.query['since'] as number | undefined) ?? 0;
      return { text: new TextDecoder().decode(console.since(since)), mark: console.written };
    },
  },
  {
    method: 'POST',
    path: '/vms/:vm/console',
    summary: 'Type text into a VM’s console.',
    body: object({ text: { type: 'string', maxLength: MOST_TYPED } }),
    carryOut: (machine, asked) => ({
      typed: machine.vm(vmNamed(asked)).console.type((asked.body as { readonly text: string }).text),
    }),
  },
  {
    method: 'PUT',
    path: '/vms/:vm/image',
    summary: 'Deploy an image (an ELF file) into a VM that nobody lives in.',
    takesBytes: true,
    carryOut: (machine, asked) => {
      machine.vm(vmNamed(asked)).deploy(asked.body as Uint8Array);
      return describeVm(machine, vmNamed(asked));
    },
  },
  {
    method: 'GET',
    path: '/vms/:vm/update',
    summary: 'How the update of a VM stands, and what became of the last one.',
    carryOut: (machine, asked) => describeUpdate(machine, vmNamed(asked)),
  },
  {
    method: 'POST',
    path: '/vms/:vm/update',
    summary: 'Bring a VM a new image (an ELF file, signed where it has secure boot) while it runs.',
    takesBytes: true,
    carryOut: (machine, asked) => {
      machine.vm(vmNamed(asked)).startUpdate(asked.body as Uint8Array);
      return describeUpdate(machine, vmNamed(asked));
    },
  },
  {
    method: 'POST',
    path: '/vms/:vm/update/abort',
    summary: 'Give the update of a VM up; in probation that brings the old image back.',
    carryOut: (machine, asked) => {
      machine.vm(vmNamed(asked)).abortUpdate();
      return describeUpdate(machine, vmNamed(asked));
    },
  },
  {
    method: 'GET',
    path: '/vms/:vm/snapshot',
    summary: 'A snapshot of one VM, as a file.',
    givesBytes: true,
    carryOut: (machine, asked) => Buffer.from(machine.vm(vmNamed(asked)).snapshot().toBytes()),
  },
  {
    method: 'PUT',
    path: '/vms/:vm/snapshot',
    summary: 'Put a VM back to what such a file holds.',
    takesBytes: true,
    carryOut: (machine, asked) => {
      machine.vm(vmNamed(asked)).restore(readVmSnapshot(asked.body as Uint8Array));
      return describeVm(machine, vmNamed(asked));
    },
  },
];
