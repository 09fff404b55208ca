import fc from 'fast-check';
import { Bus } from '../../../hypervisor/devices/bus';
import { ACCESS_FAULT, type AccessSize, type Device } from '../../../hypervisor/devices/device';

/** A device of which every register reads as its own offset. */
const echo = (stores: [number, number, number][] = []): Device => ({
  name: 'echo',
  load: (offset) => offset,
  store: (offset, size, value) => stores.push([offset, size, value]) > 0,
  nextEventAt: () => Infinity,
  advance: () => {},
  reset: () => {},
  save: () => null,
  restore: () => {},
});

const DEVICE = { address: 0x1000, size: 0x100 };
const INBOX = { address: 0x6000_0000, size: 0x1000, linear: 0x2000, writable: false };
const OUTBOX = { address: 0x6000_1000, size: 0x1000, linear: 0x4000, writable: true };
const regions = [DEVICE, INBOX, OUTBOX];

const busOf = (stores?: [number, number, number][]) => {
  const memory = new Uint8Array(0x8000).map((_, index) => index * 7);
  return { memory, bus: new Bus(memory, [{ ...DEVICE, device: echo(stores) }], [OUTBOX, INBOX]) };
};

const size = fc.constantFrom<AccessSize>(1, 2, 4);
/** Around the edges of every region, and anywhere, beyond 32 bits too. */
const address = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...regions.flatMap((region) => [region.address, region.address + region.size])),
      fc.integer({ min: -8, max: 8 }),
    )
    .map(([edge, distance]) => edge + distance),
  fc.constantFrom(...regions).chain((region) => fc.nat(region.size).map((offset) => region.address + offset)),
  fc.double({ min: 0, max: 2 ** 64, noNaN: true }).map(Math.floor),
);

describe('A bus', () => {
  it('hands accesses to the device that is there, by offset', () => {
    const stores: [number, number, number][] = [];
    const { bus } = busOf(stores);
    expect(bus.load(0x10fc, 4)).toBe(0xfc);
    expect(bus.store(0x1002, 2, 77)).toBe(true);
    expect(stores).toEqual([[2, 2, 77]]);
  });

  it('refuses misaligned accesses to devices, and takes them in shared memory', () => {
    const { bus, memory } = busOf();
    expect(bus.load(0x1002, 4)).toBe(ACCESS_FAULT);
    expect(bus.store(0x1001, 2, 0)).toBe(false);
    expect(bus.store(OUTBOX.address + 3, 4, -2)).toBe(true);
    expect(bus.load(OUTBOX.address + 3, 4)).toBe(0xffff_fffe);
    expect([...memory.subarray(OUTBOX.linear + 3, OUTBOX.linear + 7)]).toEqual([0xfe, 0xff, 0xff, 0xff]);
  });

  it('is a wall: an access touches the bytes it names inside one region, or faults and changes nothing', () => {
    fc.assert(
      fc.property(address, size, fc.integer(), (at, width, value) => {
        const { bus, memory } = busOf();
        const before = memory.slice();
        const region = regions.find((one) => at >= one.address && at + width <= one.address + one.size);
        const shared = [INBOX, OUTBOX].find((one) => one === region);

        const loaded = bus.load(at, width);
        if (region === undefined) expect(loaded).toBe(ACCESS_FAULT);
        if (shared !== undefined) {
          const linear = shared.linear + at - shared.address;
          const expected = [...before.subarray(linear, linear + width)].reduceRight(
            (sum, byte) => sum * 256 + byte,
            0,
          );
          expect(loaded).toBe(expected);
        }

        const stored = bus.store(at, width, value);
        if (shared?.writable === true) {
          expect(stored).toBe(true);
          const linear = shared.linear + at - shared.address;
          for (let byte = 0; byte < width; byte++) before[linear + byte] = value >> (8 * byte);
        } else if (region !== DEVICE) {
          expect(stored).toBe(false);
        }
        expect(Buffer.compare(memory, before)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same wall whatever was accessed before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(address, size)), (accesses) => {
        const { bus } = busOf();
        for (const [at, width] of accesses) expect(bus.load(at, width)).toBe(busOf().bus.load(at, width));
      }),
    );
  });

  it('cannot be built with overlapping regions or outside of the machine’s memory', () => {
    const memory = new Uint8Array(0x8000);
    expect(() => new Bus(memory, [{ ...DEVICE, device: echo() }], [{ ...INBOX, address: 0x10ff }])).toThrow(
      'bus regions at 0x1000 and 0x10ff overlap',
    );
    expect(() => new Bus(memory, [], [{ ...INBOX, linear: 0x7001 }])).toThrow(
      "outside of the machine's memory",
    );
  });
});
