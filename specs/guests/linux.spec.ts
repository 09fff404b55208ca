/** Linux as Debian builds it boots as it is on the hypervisor's SBI, uses its devices, and ends when it is told to. */
import { boot, defineSystem, mib, ms, seconds, type TestMachine } from 'testvisor';
import { answerPing } from './answer-ping';
import { describeGuests, guests, pathOf } from './debian-packages';
import { linuxFiles, linuxGuest, SHELL_PROMPT } from './linux';

/** The host needs some ten seconds for a boot, of two thousand million instructions; a busy one needs more. */
jest.setTimeout(300_000);
const BOOT = seconds(10);

const { kernel, initrd } = linuxFiles;

/** What runs below it. */
const hypervisor = { profile: 'supervisor' } as const;
const openSbi = {
  profile: 'machine',
  firmware: { elf: pathOf(guests.openSbiDynamic), relocatesItself: true },
} as const;

describeGuests('Linux', [kernel, initrd, guests.openSbiDynamic], () => {
  describe.each([
    ['on the hypervisor’s SBI, with one hart', hypervisor, 1],
    ['on the hypervisor’s SBI, with two harts', hypervisor, 2],
    ['on OpenSBI, with two harts', openSbi, 2],
  ] as const)('%s', (_title, firmware, harts) => {
    const guest = linuxGuest();
    const system = defineSystem({
      frequency: 1_000_000_000,
      cores: harts,
      vms: {
        linux: {
          ...firmware,
          image: guest.kernel,
          initrd: guest.initrd,
          bootArguments: 'earlycon=sbi console=ttyS0',
          ram: mib(256),
          cores: Array.from({ length: harts }, (_, core) => core),
          disks: [{ image: new TextEncoder().encode('left by the test'.padEnd(512)) }],
          nics: [{ network: 'lan' }],
          virtioConsole: true,
          entropy: true,
          consoleCapacity: mib(1),
        },
      },
      networks: { lan: {} },
    });
    type Linux = TestMachine<'linux'>;
    const toShell = async (): Promise<Linux> => {
      const machine = await boot(system);
      await machine.runUntil(machine.vm('linux').prompts(SHELL_PROMPT), { atMost: BOOT });
      return machine;
    };
    const at = (machine: Linux) => ({
      machine,
      linux: machine.vm('linux'),
      run: (command: string) => machine.ask('linux', command, { prompt: SHELL_PROMPT }),
    });

    let atShell: Linux;
    beforeAll(async () => {
      atShell = await toShell();
    });

    test('comes to a shell, on all of its harts', async () => {
      const { linux, run } = at(atShell.fork());
      expect(linux.console.text).toContain('Machine model: testvisor,virt');
      expect(linux.console.text).not.toMatch(/call trace|kernel bug|oops/i);
      const processors = (await run('cat /proc/cpuinfo')).match(/^isa\s*: rv64imafdc/gm);
      expect(processors).toHaveLength(harts);
      expect(await run('cat /proc/interrupts')).toMatch(/SiFive PLIC +10 +\w+ +ttyS0/);
    });

    (guest.hasDisk ? test : test.skip)('reads and writes its disk', async () => {
      const { run } = at(atShell.fork());
      expect(await run('head -c 16 /dev/vda; echo')).toBe('left by the test\n');
      await run('echo left by Linux | dd of=/dev/vda conv=notrunc,fsync');
      expect(await run('head -c 14 /dev/vda')).toContain('left by Linux');
    });

    test('answers on its virtio console', async () => {
      const { machine, linux } = at(atShell.fork());
      linux.console.type('sh < /dev/hvc0 > /dev/hvc0 2>&1\n');
      await machine.runUntil(linux.prompts(/hvc0 2>&1.*/), { atMost: seconds(1) });
      linux.virtioConsole.type('echo $((6 * 7))\n');
      await machine.runUntil(linux.prints(/^42$/), { atMost: seconds(1) });
      expect(linux.virtioConsole.lines).toContain('42');
    });

    (guest.hasDisk ? test : test.skip)('draws random bytes that follow from the seed', async () => {
      const draw = async (): Promise<string> => {
        const { linux, run } = at(atShell.fork());
        await run('dd if=/dev/hwrng of=/dev/vda bs=16 count=1 conv=notrunc,fsync');
        return Buffer.from(linux.disk(0).read(0, 16)).toString('latin1');
      };
      const drawn = await draw();
      expect(drawn).not.toBe('left by the test');
      expect(await draw()).toBe(drawn);
    });

    test('talks over its network', async () => {
      const { machine, linux, run } = at(atShell.fork());
      expect(await run('ip link')).toContain(machine.network('lan').macOf('linux'));
      await run('ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up');
      linux.console.type('ping -c 1 10.0.0.1\n');
      await answerPing(machine, 'lan', '10.0.0.1');
      await machine.runUntil(linux.prompts(SHELL_PROMPT), { atMost: seconds(2) });
      expect(linux.console.text).toContain('1 packets transmitted, 1 packets received');
    });

    test('powers off', async () => {
      const { machine, linux } = at(atShell.fork());
      linux.console.type('poweroff -f\n');
      await machine.runUntil(linux.halted(), { atMost: seconds(1) });
      expect(linux).toBeHalted({ code: 0 });
      expect(linux.console.text).toContain('reboot: Power down');
    });

    if (firmware === hypervisor)
      test('boots the same way twice', async () => {
        const again = await toShell();
        expect(again.digest).toBe(atShell.digest);
        expect(again.now).toBe(atShell.now);
        await again.runFor(ms(50));
        expect(again.vm('linux').instructions).toBeGreaterThan(1e8);
      });
  });
});
