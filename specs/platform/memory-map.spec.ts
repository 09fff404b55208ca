import { DEVICES } from '../../platform/devices';
import { exceptionName, interruptName } from '../../platform/interrupts';
import { MEMORY_MAP, requireDisjoint } from '../../platform/memory-map';

const region = (base: number, size: number) => ({ base, size, status: 'present', doc: '' }) as const;

test('overlapping regions are refused', () => {
  expect(() => requireDisjoint({ a: region(0, 0x1000), b: region(0xfff, 1) })).toThrow(
    'Memory map: b (0xfff, 1 bytes) overlaps a.',
  );
});

test('a region beyond the address space is refused', () => {
  expect(() => requireDisjoint({ a: region(0xffff_f000, 0x1001) })).toThrow('does not fit 32-bit addresses');
});

test('every device has a region that is present, and its registers do not overlap in one direction', () => {
  for (const { layout, region: name } of DEVICES) {
    expect(MEMORY_MAP[name].status).toBe('present');
    for (const direction of ['read', 'write']) {
      const claimed = new Set<number>();
      for (const register of Object.values(layout.registers).filter(({ access }) =>
        access.includes(direction),
      ))
        for (let byte = register.offset; byte < register.offset + register.size; byte += 1) {
          expect(claimed.has(byte)).toBe(false);
          claimed.add(byte);
          expect(byte).toBeLessThan(layout.size);
        }
    }
  }
});

test('causes have names', () => {
  expect([exceptionName(5), exceptionName(10), interruptName(7)]).toEqual([
    'load access fault',
    'exception 10',
    'machine timer interrupt',
  ]);
});
