import { boot, defineSystem, faults, kib, ms, type VmDefinition } from 'testvisor';

const FLASH = 0x2000_0000;
const BANK = 0x200_0000;

/** RV32 and RV64 alike: prints the byte after the code and powers off. */
const CODE = Uint32Array.of(
  0x0000_0297, // auipc t0, 0
  0x1000_0337, // lui   t1, 0x10000     the UART
  0x0402_c383, // lbu   t2, 64(t0)
  0x0073_0023, // sb    t2, 0(t1)
  0x0000_52b7, // lui   t0, 5
  0x5552_8293, // addi  t0, t0, 0x555
  0x0010_0337, // lui   t1, 0x100       the test finisher
  0x0053_2023, // sw    t0, 0(t1)
  0x0000_006f, // j     .
);

const marked = (letter: string): Uint8Array => {
  const image = new Uint8Array(65);
  image.set(new Uint8Array(CODE.buffer));
  image[64] = letter.charCodeAt(0);
  return image;
};

const board = (vm: Partial<VmDefinition<string | { raw: Uint8Array; xlen: 32 | 64; at?: number }>>) =>
  defineSystem({
    vms: {
      board: {
        profile: 'machine',
        image: { raw: marked('A'), xlen: 32, at: FLASH },
        ram: kib(64),
        ...vm,
      } as VmDefinition<{ raw: Uint8Array; xlen: 32 | 64; at?: number }, 'board', never>,
    },
  });

/** Begins to erase the first block of bank 1 and waits. */
const ERASER = Uint32Array.of(
  0x2200_0337, // lui   t1, 0x22000
  0x0020_02b7, // lui   t0, 0x200
  0x0202_8293, // addi  t0, t0, 0x20    erase
  0x0053_2023, // sw    t0, 0(t1)
  0x00d0_02b7, // lui   t0, 0xd00
  0x0d02_8293, // addi  t0, t0, 0xd0    confirm
  0x0053_2023, // sw    t0, 0(t1)
  0x0000_006f, // j     .
);

describe('A VM’s flash', () => {
  it.each([32, 64] as const)('boots an RV%i image that lies in it, without a copy in RAM', async (xlen) => {
    const machine = await boot(board({ image: { raw: marked('A'), xlen, at: FLASH } }));
    const vm = machine.vm('board');
    expect(vm.pc).toBe(BigInt(FLASH));
    await machine.runUntil(vm.halted(), { atMost: ms(1) });
    expect([vm.state, vm.console.text]).toEqual([{ is: 'halted', code: 0 }, 'A']);
    expect(vm.read(0x8000_0000, 4)).toEqual(new Uint8Array(4));
  });

  it('holds what the system says, bank by bank, erased beyond', async () => {
    const machine = await boot(
      board({ flash: { banks: [null, Uint8Array.of(1, 2, 3)] }, image: { raw: marked('B'), xlen: 32 } }),
    );
    const { flash } = machine.vm('board');
    expect(flash.size).toBe(2 * BANK);
    expect([...flash.read(BANK, 4)]).toEqual([1, 2, 3, 0xff]);
    expect([...flash.read(0, 2)]).toEqual([0xff, 0xff]);
  });

  it('keeps what was changed over restarts, and each fork its own', async () => {
    const machine = await boot(board({ onFault: { restart: 'cold' } }));
    const vm = machine.vm('board');
    const snapshot = machine.snapshot();
    const fork = machine.fork();
    vm.flash.write(64, Buffer.from('Z'));
    machine.inject(faults.crash({ vm: 'board' }));
    await machine.runUntil(vm.halted(), { atMost: ms(1) });
    expect([vm.generation, vm.console.text]).toEqual([2, 'Z']);
    await fork.runUntil(fork.vm('board').halted(), { atMost: ms(1) });
    expect(fork.vm('board').console.text).toBe('A');
    machine.restore(snapshot);
    await machine.runUntil(vm.halted(), { atMost: ms(1) });
    expect(vm.console.text).toBe('A');
  });

  it('is left between old and new by a restart in the middle of an erasure, as the seed says', async () => {
    const old = new Uint8Array(4096).fill(0x5a);
    const system = board({
      image: { raw: new Uint8Array(ERASER.buffer), xlen: 32 },
      flash: { banks: [null, old], eraseTime: ms(10) },
      onFault: { restart: 'cold' },
    });
    const interruptedAfter = async (time: ReturnType<typeof ms>, seed: number) => {
      const machine = await boot(system, { seed });
      const vm = machine.vm('board');
      machine.inject(faults.crash({ vm: 'board', at: time }));
      await machine.runUntil(vm.restarted(), { atMost: ms(30) });
      return Buffer.from(vm.flash.read(BANK, old.length));
    };
    const half = await interruptedAfter(ms(5), 1);
    expect(half.every((byte) => (byte & 0x5a) === 0x5a)).toBe(true);
    expect(half.includes(0x5a) && half.includes(0xff)).toBe(true);
    expect(Buffer.compare(await interruptedAfter(ms(5), 1), half)).toBe(0);
    expect(Buffer.compare(await interruptedAfter(ms(5), 2), half)).not.toBe(0);
    expect((await interruptedAfter(ms(11), 1)).every((byte) => byte === 0xff)).toBe(true);
  });

  it('is read and written within its size alone', async () => {
    const machine = await boot(board({}));
    const { flash } = machine.vm('board');
    expect(() => flash.read(2 * BANK - 1, 2)).toThrow("vm('board').flash.read(): length");
    expect(() => flash.write(2 * BANK, Uint8Array.of(0))).toThrow("vm('board').flash.write(): length");
  });
});
