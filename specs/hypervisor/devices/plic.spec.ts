import fc from 'fast-check';
import { Plic } from '../../../hypervisor/devices/plic/plic';
import { PLIC, PLIC_LARGEST_PRIORITY, PLIC_LAST_SOURCE, plicContext } from '../../../platform/devices/plic';
import { FakeVm } from './fake-vm';

const { priority, pending, enable, threshold, claim } = PLIC.registers;
const MACHINE = plicContext(0, 'machine');
const SUPERVISOR = plicContext(0, 'supervisor');
const UART = 10;

function plic(harts = 1) {
  const vm = new FakeVm(undefined, harts);
  const device = new Plic(vm);
  const at = (register: { offset: number; stride: number }, index: number) =>
    register.offset + register.stride * index;
  return {
    vm,
    device,
    raise: (source: number) => device.setSource(source, true),
    lower: (source: number) => device.setSource(source, false),
    setPriority: (source: number, value: number) => device.store(at(priority, source), 4, value),
    enable: (context: number, ...sources: number[]) => {
      for (let word = 0; word < 3; word++) {
        const bits = sources.filter((one) => one >>> 5 === word).reduce((sum, one) => sum | (1 << one), 0);
        device.store(at(enable, context) + 4 * word, 4, bits);
      }
    },
    setThreshold: (context: number, value: number) => device.store(at(threshold, context), 4, value),
    claim: (context: number) => device.load(at(claim, context), 4),
    complete: (context: number, source: number) => device.store(at(claim, context), 4, source),
    isPending: (source: number) =>
      (device.load(pending.offset + 4 * (source >>> 5), 4) & (1 << source)) !== 0,
  };
}

describe('The interrupt controller', () => {
  it('interrupts the contexts that have a source enabled, each by its own line', () => {
    const { vm, raise, enable: allow, setPriority } = plic(2);
    setPriority(UART, 1);
    allow(SUPERVISOR, UART);
    allow(plicContext(1, 'machine'), UART);
    raise(UART);
    expect(vm.raisedLines).toEqual(['1 meip', 'seip']);
    expect(vm.stopsRequested).toBe(2);
  });

  it('lets one context take an interrupt, and nobody else again before it is completed', () => {
    const { vm, raise, enable: allow, setPriority, claim: take, complete, isPending } = plic();
    setPriority(UART, 1);
    allow(MACHINE, UART);
    allow(SUPERVISOR, UART);
    raise(UART);
    expect(isPending(UART)).toBe(true);
    expect(take(SUPERVISOR)).toBe(UART);
    expect([take(MACHINE), isPending(UART), vm.raisedLines]).toEqual([0, false, []]);
    complete(SUPERVISOR, UART);
    expect([take(MACHINE), take(SUPERVISOR)]).toEqual([UART, 0]);
  });

  it('forwards a source that is still high at its completion again, one that fell not', () => {
    const { vm, raise, lower, enable: allow, setPriority, claim: take, complete } = plic();
    setPriority(UART, 1);
    allow(MACHINE, UART);
    raise(UART);
    take(MACHINE);
    complete(MACHINE, UART);
    expect(vm.raisedLines).toEqual(['meip']);
    take(MACHINE);
    lower(UART);
    complete(MACHINE, UART);
    expect([vm.raisedLines, take(MACHINE)]).toEqual([[], 0]);
  });

  it('keeps a request that was forwarded although its source fell before anybody claimed it', () => {
    const { raise, lower, enable: allow, setPriority, claim: take } = plic();
    setPriority(UART, 1);
    allow(MACHINE, UART);
    raise(UART);
    lower(UART);
    expect(take(MACHINE)).toBe(UART);
  });

  it('keeps a pulse that comes while its source is being served', () => {
    const { device, raise, lower, enable: allow, setPriority, claim: take, complete } = plic();
    setPriority(UART, 1);
    allow(MACHINE, UART);
    const pulse = (): void => {
      raise(UART);
      lower(UART);
    };
    pulse();
    take(MACHINE);
    pulse();
    device.restore(device.save());
    expect(take(MACHINE)).toBe(0);
    complete(MACHINE, UART);
    expect(take(MACHINE)).toBe(UART);
    complete(MACHINE, UART);
    expect(take(MACHINE)).toBe(0);
  });

  it('ignores a completion by a context that does not have the source enabled', () => {
    const { raise, enable: allow, setPriority, claim: take, complete } = plic();
    setPriority(UART, 1);
    allow(MACHINE, UART);
    raise(UART);
    take(MACHINE);
    complete(SUPERVISOR, UART);
    complete(MACHINE, 0);
    complete(MACHINE, UART + 32);
    complete(MACHINE, -1);
    expect(take(MACHINE)).toBe(0);
    complete(MACHINE, UART);
    expect(take(MACHINE)).toBe(UART);
  });

  it('withholds what is at or below the threshold, but lets a driver that polls claim it', () => {
    const { vm, raise, enable: allow, setPriority, setThreshold, claim: take } = plic();
    setPriority(UART, 3);
    allow(MACHINE, UART);
    setThreshold(MACHINE, 3);
    raise(UART);
    expect(vm.raisedLines).toEqual([]);
    setThreshold(MACHINE, 2);
    expect(vm.raisedLines).toEqual(['meip']);
    setThreshold(MACHINE, 3);
    expect(vm.raisedLines).toEqual([]);
    expect(take(MACHINE)).toBe(UART);
  });

  it('never interrupts by a source of priority 0', () => {
    const { vm, raise, enable: allow, setPriority, claim: take } = plic();
    allow(MACHINE, UART);
    raise(UART);
    expect([vm.raisedLines, take(MACHINE)]).toEqual([[], 0]);
    setPriority(UART, 1);
    expect(vm.raisedLines).toEqual(['meip']);
  });

  it('hands out the most urgent first, among equals the lowest number, whatever the order they came in', () => {
    const source = fc.integer({ min: 1, max: PLIC_LAST_SOURCE });
    const level = fc.integer({ min: 1, max: PLIC_LARGEST_PRIORITY });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(source, level), { selector: ([id]) => id }), (requests) => {
        const { raise, enable: allow, setPriority, claim: take, complete } = plic();
        allow(MACHINE, ...requests.map(([id]) => id));
        for (const [id, urgency] of requests) setPriority(id, urgency);
        for (const [id] of requests) raise(id);
        const taken: number[] = [];
        for (let id = take(MACHINE); id !== 0; id = take(MACHINE)) taken.push(id);
        for (const id of taken) complete(MACHINE, id);
        const expected = [...requests].sort(([a, x], [b, y]) => y - x || a - b).map(([id]) => id);
        expect(taken).toEqual(expected);
        expect(take(MACHINE)).toBe(expected[0] ?? 0);
      }),
    );
  });

  it('has 95 sources of three bits of priority; what does not exist reads as zero and takes stores', () => {
    const { device, setPriority, setThreshold } = plic();
    setPriority(PLIC_LAST_SOURCE, -1);
    setPriority(0, 1);
    setThreshold(MACHINE, -1);
    device.store(priority.offset + 4 * (PLIC_LAST_SOURCE + 1), 4, 1);
    for (const word of [0, 1, 2, 3]) device.store(enable.offset + 4 * word, 4, -1);
    device.store(enable.offset + enable.stride * 2, 4, -1);
    device.store(pending.offset, 4, -1);
    const read = (offset: number) => device.load(offset, 4);
    expect(read(priority.offset + 4 * PLIC_LAST_SOURCE)).toBe(PLIC_LARGEST_PRIORITY);
    expect(read(priority.offset)).toBe(0);
    expect(read(priority.offset + 4 * (PLIC_LAST_SOURCE + 1))).toBe(0);
    expect(read(threshold.offset)).toBe(PLIC_LARGEST_PRIORITY);
    expect([0, 1, 2, 3].map((word) => read(enable.offset + 4 * word))).toEqual([
      0xffff_fffe, 0xffff_ffff, 0xffff_ffff, 0,
    ]);
    expect(read(enable.offset + enable.stride * 2)).toBe(0);
    expect([read(pending.offset), read(threshold.offset + threshold.stride * 2)]).toEqual([0, 0]);
    expect([device.load(priority.offset, 2), device.store(priority.offset, 1, 0)]).toEqual([-1, false]);
  });

  it('drives its lines when it is restored', () => {
    const [original, copy] = [plic(), plic()];
    original.setPriority(UART, 1);
    original.enable(SUPERVISOR, UART);
    original.raise(UART);
    copy.device.restore(original.device.save());
    expect(copy.vm.raisedLines).toEqual(['seip']);
    copy.lower(UART);
    expect(copy.claim(SUPERVISOR)).toBe(UART);
    copy.complete(SUPERVISOR, UART);
    expect(copy.vm.raisedLines).toEqual([]);
  });
});
