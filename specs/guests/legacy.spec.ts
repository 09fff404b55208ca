/** Firmware that assumes it owns the chip runs unmodified, twice on one machine, and beside guests of other kinds. */
import { boot, defineSystem, faults, kib, ms, type DefinedSystem } from 'testvisor';

const FINDS = 'firmware: memory ends, 1 fault\n';
const WORKS = 'firmware: 20 ticks, both tasks ran: yes\n';

const imageFor = (xlen: 32 | 64) => `../../fixtures/legacy/firmware.machine${xlen === 64 ? '.rv64' : ''}.elf`;

describe.each([32, 64] as const)('on RV%i', (xlen) => {
  const legacy = { image: imageFor(xlen), ram: kib(256), profile: 'machine' } as const;
  const pair = defineSystem({ vms: { first: legacy, second: legacy } });

  test.each(['first', 'second'] as const)(
    'one and the same image runs twice on one core: %s',
    async (name) => {
      const machine = await boot(pair);
      await machine.runFor(ms(60));
      expect(machine.vm(name).console.text).toBe(FINDS + WORKS);
      expect(machine.vm(name)).toBeUndisturbed();
    },
  );

  test('each has the fixed addresses for itself: one that is overwritten is not the other’s', async () => {
    const machine = await boot(pair);
    await machine.runFor(ms(10));
    const log = 0x80030000;
    machine.vm('first').write(log, new Uint8Array(256).fill(0xff));
    expect([...machine.vm('second').read(log + 4, 2)]).toEqual([1, 0]);
  });

  test('one that crashes does not take the other along', async () => {
    const machine = await boot(pair);
    machine.inject(faults.kill({ vm: 'first', at: ms(5) }));
    await machine.runFor(ms(60));
    expect(machine.vm('first')).toBeHalted();
    expect(machine.vm('second').console.text).toBe(FINDS + WORKS);
  });
});

describe('a kernel with tasks, in both widths, and a bare-metal guest with deadlines on one machine', () => {
  const mixed = defineSystem({
    cores: 1,
    vms: {
      kernel: { image: imageFor(32), ram: kib(256), profile: 'machine', schedule: { priority: 1 } },
      wide: { image: imageFor(64), ram: kib(256), profile: 'machine', schedule: { priority: 1 } },
      bare: {
        image: '../../fixtures/counter/counter.elf',
        ram: kib(64),
        schedule: { priority: 9, period: ms(1), budget: ms(0.2) },
      },
    },
  }) as DefinedSystem;

  test('each does what it would do alone', async () => {
    const machine = await boot(mixed);
    await machine.runFor(ms(100));
    for (const name of ['kernel', 'wide']) expect(machine.vm(name).console.text).toBe(FINDS + WORKS);
    expect(machine.vm('bare')).toHaveMissedNoDeadline();
    expect(machine.vm('bare').generation).toBe(1);
    expect(machine).toKeepPeriod({ vm: 'bare', period: ms(1), jitter: 0 });
  });
});
