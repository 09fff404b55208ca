/**
 * A hart keeps its turn after a hypercall as long as nothing is due in between. What a hypercall itself has made due, for a
 * guest that computes without end from then on, comes at its moment nevertheless.
 */
import { boot, defineSystem, kib, ms, type TraceEvent, us } from 'testvisor';
import { EXTENSIONS, HYPERCALLS } from '../../../platform/hypercalls';
import { addi, csrrw, csrrs, ECALL, LOOP } from '../hart/encode';

const [A0, A6, A7, T0] = [10, 16, 17, 5];
const [SSTATUS, SIE, STVEC] = [0x100, 0x104, 0x105];
const RAM = 0x8000_0000;
/** Code of an interrupt handler, and bytes of code before it. */
const HANDLER = 0x400;

/** `lui` and `addi`: any 32-bit value. */
const load = (register: number, value: number): readonly number[] => [
  (((value + 0x800) & 0xffff_f000) | (register << 7) | 0x37) >>> 0,
  addi(register, register, value & 0xfff),
];

/** A hypercall by its name in the table, on RV32. */
function call(
  extension: keyof typeof EXTENSIONS,
  name: string,
  ...args: readonly number[]
): readonly number[] {
  const row = HYPERCALLS.find((each) => each.extension === extension && each.name === name)!;
  const words = args.flatMap((value, place) => (row.args[place]!.type.is === 'u64' ? [value, 0] : [value]));
  return [
    ...words.flatMap((value, at) => load(A0 + at, value)),
    ...load(A6, row.function),
    ...load(A7, EXTENSIONS[extension]),
    ECALL,
  ];
}

/** Does this, and computes for ever; an interrupt is the end of it. */
function guest(does: readonly number[]): Uint8Array {
  const program = new Uint32Array((HANDLER >> 2) + 32).fill(LOOP);
  const begin = [
    ...load(T0, RAM + HANDLER),
    csrrw(0, STVEC, T0),
    ...load(T0, 0x222),
    csrrs(0, SIE, T0),
    ...load(T0, 2),
    csrrs(0, SSTATUS, T0),
  ];
  program.set([...begin, ...does]);
  program.set(call('srst', 'systemReset', 0, 0), HANDLER >> 2);
  return new Uint8Array(program.buffer);
}

async function trace(does: readonly number[]): Promise<readonly TraceEvent[]> {
  const machine = await boot(
    defineSystem({ vms: { guest: { image: { raw: guest(does), xlen: 32, at: RAM }, ram: kib(64) } } }),
  );
  await machine.runFor(ms(1));
  const { trace: events } = machine;
  machine.dispose();
  return events;
}

test.each([
  ['the timer interrupt', call('time', 'setTimer', 500), 'vm-halted', us(50)],
  ['the expiry of the watchdog', call('partition', 'heartbeat', us(50)), 'vm-crashed', us(50)],
  ['the deadline of its job', call('clock', 'setPeriod', us(200), us(50)), 'deadline-missed', us(50)],
] as const)('%s comes when it was asked for', async (_, does, kind, at) => {
  const first = (await trace(does)).find((event) => event.kind === kind);
  expect(first?.at).toBeGreaterThanOrEqual(at);
  // A few instructions and a hypercall or two.
  expect(first?.at).toBeLessThan(at + us(4));
});
