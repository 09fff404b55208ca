import { DEFAULT_COSTS } from '../../../../platform/costs';
import { Stop } from '../../../../hypervisor/engine/step-contract';
import { EAGER_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { encode, type Operands } from '../../../../hypervisor/isa/encode';
import { FLOAT_CONTROL } from '../../../../hypervisor/hart/layout';
import { MachineMemory } from '../../../../hypervisor/memory/machine-memory';
import { RAM_BASE, SingleVm, UNEVEN_COSTS } from '../single-vm';

const DATA = RAM_BASE + 0x2000;

describe.each([
  ['RV32', { xlen: 32, costs: DEFAULT_COSTS }],
  ['RV64, uneven costs', { xlen: 64, costs: UNEVEN_COSTS }],
] as const)('%s', (_, { xlen, costs }) => {
  const kind = { xlen, costs, translated: false } as const;
  const insn = (name: string, operands?: Operands) => encode(xlen, name, operands);

  /** Adds up, for ever, in memory too; calls a function each time. */
  const program = [
    insn('addi', { rd: 8, rs1: 8, imm: 1 }),
    insn('sw', { rs1: 9, rs2: 8 }),
    insn('jal', { rd: 1, imm: 12 }),
    insn('xor', { rd: 12, rs1: 12, rs2: 10 }),
    insn('jal', { imm: -16 }),
    /* function: */
    insn('lw', { rd: 10, rs1: 9 }),
    insn('add', { rd: 11, rs1: 11, rs2: 10 }),
    insn('jalr', { rs1: 1 }),
  ];
  const LOOP = 8;
  const FUNCTION = RAM_BASE + 20;
  const start = (translation: typeof EAGER_POLICY | 'never' = EAGER_POLICY): SingleVm => {
    const vm = new SingleVm({ ...kind, translation });
    vm.code(RAM_BASE, ...program);
    vm.setX(9, BigInt(DATA));
    return vm;
  };
  const hot = (): SingleVm => {
    const vm = start();
    vm.run(1e9, 1000 * LOOP);
    expect(vm.engine.translatedInstructions).toBeGreaterThan(900 * LOOP);
    return vm;
  };
  const stateOf = (vm: SingleVm) => ({
    pc: vm.pc,
    x: Array.from({ length: 32 }, (_, register) => vm.x(register)),
    word: vm.read(DATA, 4),
  });

  it('can be interrupted before every instruction of a hot loop', () => {
    const interpreted = start('never');
    const translated = start();
    for (const vm of [interpreted, translated]) vm.run(1e9, 1000 * LOOP);
    for (let length = 1; length <= 5 * LOOP; length++) {
      const spent = interpreted.run(1e9, length);
      expect(translated.run(1e9, length)).toEqual(spent);
      expect(stateOf(translated)).toEqual(stateOf(interpreted));
    }
    for (let cycles = 1; cycles <= 40; cycles++) {
      expect(translated.run(cycles, 1e9)).toEqual(interpreted.run(cycles, 1e9));
      expect(stateOf(translated)).toEqual(stateOf(interpreted));
    }
  });

  it('goes on from a snapshot in the middle of translated code', () => {
    const vm = hot();
    vm.run(1e9, 5);
    const saved = vm.machine.saveState();
    vm.run(1e9, 12345);
    const straight = stateOf(vm);
    vm.machine.restoreState(saved);
    vm.run(1e9, 12345);
    expect(stateOf(vm)).toEqual(straight);
  });

  it('is forked in the middle, and each copy goes its own way', () => {
    const vm = hot();
    vm.run(1e9, 3);
    const fork = start();
    fork.machine.copyFrom(vm.machine);
    expect(stateOf(fork)).toEqual(stateOf(vm));
    fork.code(FUNCTION + 4, insn('sub', { rd: 11, rs1: 11, rs2: 10 }));
    const alike = start('never');
    alike.machine.copyFrom(fork.machine);
    for (const length of [1, 7, 1000, 4321]) {
      expect(fork.run(1e9, length)).toEqual(alike.run(1e9, length));
      expect(stateOf(fork)).toEqual(stateOf(alike));
    }
    const straight = start('never');
    straight.run(1e9, 1000 * LOOP + 3 + 77);
    vm.run(1e9, 77);
    expect(stateOf(vm)).toEqual(stateOf(straight));
  });

  it('sees code that somebody else has changed, at once', () => {
    const vm = hot();
    const before = vm.x(11);
    vm.code(FUNCTION + 4, insn('addi', { rd: 11, rs1: 11, imm: 1000 }));
    vm.run(1e9, LOOP);
    expect(vm.x(11)).toBe(before + 1000n);
  });

  it('translates no more what is changed again and again', () => {
    const vm = hot();
    for (let change = 0; change < 20; change++) {
      vm.code(FUNCTION + 4, insn('addi', { rd: 11, rs1: 11, imm: change }));
      const before = vm.x(11);
      vm.run(1e9, 100 * LOOP);
      expect(vm.x(11)).toBe(before + BigInt(100 * change));
    }
    const { translatedInstructions } = vm.engine;
    vm.run(1e9, 1000 * LOOP);
    expect(vm.engine.translatedInstructions - translatedInstructions).toBeLessThan(1000 * LOOP);
  });

  it.each([RAM_BASE + 4, FUNCTION, FUNCTION + 4])('stops at a breakpoint in hot code, at %x', (address) => {
    const vm = hot();
    vm.engine.plantBreakpoint(address);
    expect(vm.run(1e9, 1000)).toMatchObject({ stop: Stop.breakpoint });
    expect(vm.pc).toBe(BigInt(address));
    expect(vm.run(1e9, 1000)).toMatchObject({ stop: Stop.breakpoint, instructions: 0 });
    vm.engine.clearBreakpoint(address);
    expect(vm.run(1e9, 1000 * LOOP)).toMatchObject({ stop: Stop.budget });
  });

  it('gives back exactly what it took where functions call themselves without end', () => {
    const recursive = [insn('addi', { rd: 8, rs1: 8, imm: 1 }), insn('jal', { rd: 1, imm: -4 })];
    const [interpreted, translated] = [
      new SingleVm(kind),
      new SingleVm({ ...kind, translation: EAGER_POLICY }),
    ];
    for (const vm of [interpreted, translated]) vm.code(RAM_BASE, ...recursive);
    for (const length of [100, 100_000, 7, 1_000_001]) {
      expect(translated.run(1e9, length)).toEqual(interpreted.run(1e9, length));
      expect(stateOf(translated)).toEqual(stateOf(interpreted));
    }
    expect(translated.engine.translatedInstructions).toBeGreaterThan(1_000_000);
  });

  it.each([
    [
      'where the register has moved',
      [
        ['lw', 0],
        ['lw', 8],
        ['addi', 1024],
        ['lw', 4],
      ],
      1024,
    ],
    [
      'that is partly in a group',
      [
        ['lb', 2000],
        ['lb', 2001],
        ['lb', -100],
        ['lw', 2001],
      ],
      2002,
    ],
  ] as const)('checks an access %s', (_what, lines, fromEnd) => {
    const vm = new SingleVm({ ...kind, translation: { ...EAGER_POLICY, warmUp: 1000 } });
    vm.code(
      RAM_BASE,
      ...[insn('jal', { rd: 1, imm: 12 }), insn('addi', { rd: 10, rs1: 11 }), insn('jal', { imm: -8 })],
      ...lines.map(([name, imm]) => insn(name, { rd: name === 'addi' ? 10 : 5, rs1: 10, imm })),
      insn('jalr', { rs1: 1 }),
    );
    for (const register of [10, 11]) vm.setX(register, BigInt(DATA));
    vm.run(1e9, 100_000);
    expect(vm.engine.translatedInstructions).toBeGreaterThan(50_000);
    vm.pc = BigInt(RAM_BASE);
    vm.setX(10, BigInt(RAM_BASE + 64 * 1024 - fromEnd));
    expect(vm.run(1e9, 1000)).toMatchObject({ stop: Stop.trap, instructions: 4 });
  });

  it('leaves a register as it was that only the other way wrote, and nobody reads', () => {
    const vm = start();
    vm.code(
      RAM_BASE,
      ...[insn('jal', { rd: 1, imm: 8 }), insn('jal', { imm: -4 })],
      ...[insn('beq', { rs1: 5, imm: 8 }), insn('addi', { rd: 6, rs1: 7, imm: 1 })],
      ...[insn('lw', { rd: 8, rs1: 9 }), insn('addi', { rd: 6, imm: 3 }), insn('jalr', { rs1: 1 })],
    );
    vm.run(1e9, 7000);
    expect(vm.engine.translatedInstructions).toBeGreaterThan(6000);
    vm.pc = BigInt(RAM_BASE);
    vm.setX(6, 1234n);
    vm.setX(9, 0x1000n);
    expect(vm.run(1e9, 1000)).toMatchObject({ stop: Stop.trap, instructions: 2 });
    expect(vm.x(6)).toBe(1234n);
  });

  it('has reached its budget before it finds that there is nothing to run next', () => {
    const vm = start();
    vm.code(RAM_BASE, insn('addi', { rd: 8, rs1: 8, imm: 1 }), insn('jalr', { rs1: 5 }));
    vm.setX(5, BigInt(RAM_BASE));
    vm.run(1e9, 1000);
    expect(vm.engine.translatedInstructions).toBeGreaterThan(500);
    vm.setX(5, 0x1000n);
    expect(vm.run(1e9, 2)).toMatchObject({ stop: Stop.budget, instructions: 2 });
    expect(vm.pc).toBe(0x1000n);
    expect(vm.run(1e9, 1)).toMatchObject({ stop: Stop.fetch, instructions: 0 });
  });

  it("takes none of the host's stack where functions jump to each other for ever", () => {
    const program = [
      insn('jal', { rd: 1, imm: 20 }),
      insn('jal', { rd: 1, imm: 28 }),
      insn('addi', { rd: 5, rs1: 5, imm: 1 }),
      insn('jal', { rd: 1, imm: 8 }),
      insn('addi'),
      /* one: returns at first. */
      insn('bne', { rs1: 5, imm: 8 }),
      insn('jalr', { rs1: 1 }),
      insn('jal', { imm: 4 }),
      /* another: */
      insn('bne', { rs1: 5, imm: 8 }),
      insn('jalr', { rs1: 1 }),
      insn('jal', { imm: -20 }),
    ];
    const [interpreted, translated] = [
      new SingleVm(kind),
      new SingleVm({ ...kind, translation: EAGER_POLICY }),
    ];
    for (const vm of [interpreted, translated]) vm.code(RAM_BASE, ...program);
    for (const length of [7, 1_000_000, 1_234_567]) {
      expect(translated.run(1e9, length)).toEqual(interpreted.run(1e9, length));
      expect(stateOf(translated)).toEqual(stateOf(interpreted));
    }
    expect(translated.engine.translatedInstructions).toBeGreaterThan(1_000_000);
  });

  it.each([
    ['lw', -2048, -2044, 2000],
    ['lw', 2040, 2044, -8],
    ['sw', -2048, -2044, 2000],
    ['sw', 2040, 2044, -8],
  ])('checks an access far from others by the same register: %s', (name, first, second, far) => {
    const program = [
      insn('jal', { rd: 1, imm: 8 }),
      insn('jal', { imm: -4 }),
      ...[first, second, far].map((imm, at) => insn(name, { rd: 5 + at, rs1: 10, rs2: 11, imm })),
      insn('jalr', { rs1: 1 }),
    ];
    const vm = new SingleVm({ ...kind, translation: { ...EAGER_POLICY, warmUp: 1000 } });
    vm.code(RAM_BASE, ...program);
    vm.setX(10, BigInt(DATA));
    vm.run(1e9, 100_000);
    expect(vm.engine.translatedInstructions).toBeGreaterThan(50_000);
    const { bytes } = vm.machine;
    const { ramLinear, ramSize } = vm.vm;
    const around = () => Buffer.from(bytes.slice(ramLinear + ramSize, ramLinear + ramSize + 4096));
    const before = around();
    vm.pc = BigInt(RAM_BASE);
    vm.setX(10, BigInt(far > 0 ? RAM_BASE + 64 * 1024 : RAM_BASE));
    vm.setX(11, 0x55aa_55aan);
    const untilTrap = { stop: Stop.trap, instructions: 3 };
    expect(vm.run(1e9, 1000)).toMatchObject(untilTrap);
    expect(Buffer.compare(around(), before)).toBe(0);
  });

  describe('floating point', () => {
    const double = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0]!;
    /** Adds up in f8 and f9 around a call that changes f9 and reads f8; f10 is a single. */
    const floatProgram = [
      insn('fadd.d', { rd: 8, rs1: 8, rs2: 9, rm: 7 }),
      insn('fmul.d', { rd: 9, rs1: 9, rs2: 11, rm: 7 }),
      insn('fadd.s', { rd: 10, rs1: 10, rs2: 12, rm: 7 }),
      insn('jal', { rd: 1, imm: 12 }),
      insn('fsub.d', { rd: 8, rs1: 8, rs2: 9, rm: 7 }),
      insn('jal', { imm: -20 }),
      /* function: */
      insn('fadd.d', { rd: 9, rs1: 9, rs2: 8, rm: 7 }),
      insn('fsgnjn.d', { rd: 13, rs1: 8, rs2: 8 }),
      insn('fadd.s', { rd: 10, rs1: 10, rs2: 10, rm: 7 }),
      insn('fmul.s', { rd: 10, rs1: 10, rs2: 14, rm: 7 }),
      insn('jalr', { rs1: 1 }),
    ];
    const begin = (translation: typeof EAGER_POLICY | 'never', control = 0x301): SingleVm => {
      const vm = new SingleVm({ ...kind, translation });
      vm.code(RAM_BASE, ...floatProgram);
      vm.field(FLOAT_CONTROL, control);
      for (const [register, value] of [[8, 0.1], [9, 0.2], [11, 0.3]] as const) {
        vm.setF(register, double(value));
      } // prettier-ignore
      for (const register of [10, 12, 14]) vm.setF(register, 0xffffffff3f000001n);
      return vm;
    };
    const floatsOf = (vm: SingleVm) => ({
      ...stateOf(vm),
      f: Array.from({ length: 32 }, (_, register) => vm.f(register)),
      control: vm.field(FLOAT_CONTROL),
    });

    it('is the same before every instruction of a hot loop with a call', () => {
      const [interpreted, translated] = [begin('never'), begin(EAGER_POLICY)];
      for (const vm of [interpreted, translated]) vm.run(1e9, 10_000);
      expect(translated.engine.translatedInstructions).toBeGreaterThan(9000);
      for (let length = 1; length <= 3 * floatProgram.length; length++) {
        expect(translated.run(1e9, length)).toEqual(interpreted.run(1e9, length));
        expect(floatsOf(translated)).toEqual(floatsOf(interpreted));
      }
    });

    it.each([
      ['no flag raised', 0x300],
      ['a clean state', 0x201],
      ['numbers rounded up', 0x361],
      ['floating point off', 0x001],
    ])('is the same that begins with %s in code that is hot', (_what, control) => {
      const [interpreted, translated] = [begin('never'), begin(EAGER_POLICY)];
      for (const vm of [interpreted, translated]) {
        vm.run(1e9, 10_000);
        vm.field(FLOAT_CONTROL, control);
      }
      for (let length = 1; length <= 2 * floatProgram.length; length++) {
        expect(translated.run(1e9, length)).toEqual(interpreted.run(1e9, length));
        expect(floatsOf(translated)).toEqual(floatsOf(interpreted));
      }
    });

    it('takes what is in no box for a NaN, wherever it comes from', () => {
      const [interpreted, translated] = [begin('never'), begin(EAGER_POLICY)];
      for (const vm of [interpreted, translated]) {
        vm.run(1e9, 10_000);
        vm.setF(10, 0x123456783f000001n);
      }
      for (let length = 1; length <= 2 * floatProgram.length; length++) {
        expect(translated.run(1e9, length)).toEqual(interpreted.run(1e9, length));
        expect(floatsOf(translated)).toEqual(floatsOf(interpreted));
      }
    });
  });

  it('runs what another machine of the process has translated, and translates nothing again', () => {
    hot();
    const { Module } = WebAssembly;
    let compiled = 0;
    WebAssembly.Module = class extends Module {
      constructor(bytes: Uint8Array) {
        super(bytes);
        compiled++;
      }
    };
    try {
      // Where its first slice ends, in the middle of the loop, there need be no code.
      const again = start({ ...EAGER_POLICY, threshold: 8 });
      again.run(1e9, 1000 * LOOP);
      expect(again.engine.translatedInstructions).toBeGreaterThan(900 * LOOP);
      expect(compiled).toBe(0);
    } finally {
      WebAssembly.Module = Module;
    }
  });
});

it('leaves nothing behind in the memory that the next machine gets', () => {
  const vm = new SingleVm({ xlen: 32, costs: DEFAULT_COSTS, translated: false, translation: EAGER_POLICY });
  vm.code(RAM_BASE, encode(32, 'addi', { rd: 8, rs1: 8, imm: 1 }), encode(32, 'jal', { imm: -4 }));
  vm.run(1e9, 100_000);
  expect(vm.engine.translatedInstructions).toBeGreaterThan(0);
  vm.machine.dispose();
  const next = MachineMemory.create({ vms: [{ ram: 64 * 1024 }] });
  const place = next.vm(0);
  const zero = (start: number, size: number) =>
    next.bytes.subarray(start, start + size).every((byte) => byte === 0);
  expect(next.memory).toBe(vm.machine.memory);
  expect(zero(place.codeChanges, 64 + 64 * 16)).toBe(true);
  expect(zero(place.hart(0).entries, 32 * 1024)).toBe(true);
  expect(zero(place.records, 64 * 1024 * 4)).toBe(true);
});
