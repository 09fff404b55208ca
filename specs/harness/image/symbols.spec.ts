import { loadImage } from 'testvisor';
import { code, writeElf, type SymbolPlan } from './elf-writer';

const RAM = 0x8000_0000;
const DATA = RAM + 0x1000;
const FUNCTION = 2;
const OBJECT = 1;
const LABEL = 0;
const LOCAL = 0;
const WEAK = 2;
const ABSOLUTE = 0xfff1;

const imageWith = (xlen: 32 | 64, symbols: readonly SymbolPlan[]) =>
  loadImage(
    writeElf({
      xlen,
      segments: [
        { address: RAM, bytes: code(64) },
        { address: DATA, bytes: new Uint8Array(64), flags: 6 },
      ],
      sections: [
        { name: '.text', flags: 6, address: RAM, bytes: code(64) },
        { name: '.data', flags: 3, address: DATA, bytes: new Uint8Array(64) },
      ],
      symbols,
    }),
    { name: 'train.elf' },
  );

describe.each([32, 64] as const)('the symbols of an RV%d image', (xlen) => {
  const { symbols } = imageWith(xlen, [
    { name: 'train_step', value: RAM + 0x20, size: 0x30 },
    { name: '$x', value: RAM + 0x20, type: LABEL, binding: LOCAL },
    { name: '.L42', value: RAM + 0x24, type: LABEL, binding: LOCAL },
    { name: 'inside', value: RAM + 0x30, type: LABEL, binding: LOCAL },
    { name: '$d', value: RAM + 0x60, type: LABEL, binding: LOCAL },
    { name: '.L43', value: RAM + 0x60, type: LABEL, binding: LOCAL },
    { name: 'train_step_alias', value: RAM + 0x20, size: 0x30, binding: WEAK },
    { name: '_start', value: RAM, type: LABEL },
    { name: '_etext', value: RAM + 0x100, type: LABEL },
    { name: 'speed', value: DATA + 8, size: 4, type: OBJECT, section: 2 },
    { name: '__stack_size', value: RAM + 0x24, type: LABEL, section: ABSOLUTE },
    { name: 'missing', value: 0, section: 0 },
    { name: 'state', value: DATA + 0x10, size: 4, type: OBJECT, binding: LOCAL, section: 2 },
    { name: 'state', value: DATA + 0x20, size: 4, type: OBJECT, section: 2 },
  ]);

  test('are found by name, with address, size and kind', () => {
    expect(symbols.find('train_step')).toEqual({
      name: 'train_step',
      address: RAM + 0x20,
      size: 0x30,
      kind: 'function',
      binding: 'global',
    });
    expect(symbols.get('speed')).toMatchObject({ address: DATA + 8, size: 4, kind: 'object' });
    expect(symbols.get('__stack_size')).toMatchObject({ kind: 'absolute' });
    expect(symbols.find('missing')).toBeUndefined();
    expect([...symbols].map(({ name }) => name)).toContain('_start');
  });

  test('of one name: the global one', () => {
    expect(symbols.get('state').address).toBe(DATA + 0x20);
  });

  test.each([
    [RAM + 0x20, 'train_step'],
    [RAM + 0x3c, 'train_step+0x1c'],
    [RAM + 0x4f, 'train_step+0x2f'],
    [RAM + 4, '_start+0x4'],
    [RAM + 0x50, 'inside+0x20'],
    [RAM + 0x64, 'inside+0x34'],
    [DATA + 9, 'speed+0x1'],
    [DATA + 12, '0x8000100c'],
    [RAM + 0x100, '0x80000100'],
    [0, '0x0'],
    [BigInt(RAM + 0x3c), 'train_step+0x1c'],
    [2n ** 64n - 1n, '0xffffffffffffffff'],
  ])('describe %d as %s', (address, text) => {
    expect(symbols.describe(address)).toBe(text);
  });

  test('that do not exist are named, with those that are spelt alike', () => {
    expect(() => symbols.get('train_stop')).toThrow(
      'train.elf: there is no symbol “train_stop”\n  mend:  Did you mean “train_step”?',
    );
    expect(() => symbols.get('brake_controller')).toThrow(/Check its name with nm/);
  });
});

test('an inner function is preferred to the one around it', () => {
  const { symbols } = imageWith(32, [
    { name: 'outer', value: RAM, size: 0x80, type: FUNCTION },
    { name: 'inner', value: RAM + 0x20, size: 0x10, type: FUNCTION },
  ]);
  expect([RAM + 0x10, RAM + 0x24, RAM + 0x40].map((address) => symbols.describe(address))).toEqual([
    'outer+0x10',
    'inner+0x4',
    'outer+0x40',
  ]);
});
