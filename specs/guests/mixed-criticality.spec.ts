/**
 * One virtual chip, two worlds: a regulator that must not miss a deadline on one core, and Linux on the other, which
 * watches it over a virtual network, and crashes. The regulator owes Linux nothing and notices nothing.
 */
import { boot, defineSystem, kib, mib, ms, seconds, type SentFrame, type TestMachine } from 'testvisor';
import { describeGuests } from './debian-packages';
import { linuxFiles, linuxGuest, SHELL_PROMPT } from './linux';
import { watchdogProgram } from './watchdog-program';

/** The host needs some ten seconds for a boot, of two thousand million instructions; a busy one needs more. */
jest.setTimeout(300_000);
const BOOT = seconds(10);
const PERIOD = ms(5);
const TELEMETRY = 5000;

describeGuests('A regulator beside Linux', [linuxFiles.kernel, linuxFiles.initrd], () => {
  describe.each([
    ['on cores of their own', 1],
    ['on one core, where the regulator goes first', 0],
  ])('%s', (_title, coreOfLinux) => {
    const guest = linuxGuest({ 'feed-watchdog': watchdogProgram() });
    const system = defineSystem({
      cores: 2,
      frequency: 1_000_000_000,
      vms: {
        regulator: {
          image: '../../fixtures/regulator/regulator.rv64.elf',
          ram: kib(256),
          core: 0,
          schedule: { priority: 10, period: PERIOD, deadline: ms(1) },
          nics: [{ network: 'plant' }],
        },
        linux: {
          image: guest.kernel,
          initrd: guest.initrd,
          // A kernel that panics reboots at once instead of waiting for somebody to read why.
          bootArguments: 'earlycon=sbi console=ttyS0 panic=-1',
          ram: mib(256),
          core: coreOfLinux,
          nics: [{ network: 'plant' }],
          consoleCapacity: mib(1),
          onFault: { restart: 'cold' },
        },
      },
      networks: { plant: {} },
    });
    type Plant = TestMachine<'regulator' | 'linux'>;
    const run = (machine: Plant, command: string) =>
      machine.ask('linux', command, { prompt: SHELL_PROMPT, atMost: seconds(10) });
    const join = (machine: Plant) => run(machine, 'ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up');

    const isTelemetry = ({ sender, type, payload }: SentFrame): boolean =>
      sender === 'regulator' && type === 0x0800 && ((payload[22]! << 8) | payload[23]!) === TELEMETRY;

    let running: Plant;
    beforeAll(async () => {
      running = await boot(system);
      await running.runUntil(running.vm('linux').prompts(SHELL_PROMPT), { atMost: BOOT });
      await join(running);
    });

    test('they talk over the network', async () => {
      const machine = running.fork();
      const answer = await run(machine, 'ping -c 3 -i 1 10.0.0.1');
      expect(answer).toContain('3 packets transmitted, 3 packets received');
      const heard = Number(await run(machine, 'cat /sys/class/net/eth0/statistics/rx_packets'));
      // Telemetry comes every 20 ms, and the pings took two seconds.
      expect(heard).toBeGreaterThan(100);
      expect(machine.vm('regulator')).toBeUndisturbed();
    });

    /** What the regulator did since a moment was what it always does. */
    function expectNoHarm(machine: Plant, since: number): void {
      expect(machine.vm('regulator')).toHaveMissedNoDeadline();
      expect(machine.vm('regulator')).toBeUndisturbed();
      expect(machine.vm('regulator')).toKeepPeriod({ period: PERIOD });
      const times = machine
        .network('plant')
        .frames.filter((frame) => isTelemetry(frame) && frame.at >= since)
        .map(({ at }) => at);
      const gaps = times.slice(1).map((at, index) => at - times[index]!);
      expect(gaps.length).toBeGreaterThan(20);
      expect(Math.max(...gaps)).toBeLessThan(ms(25));
    }

    async function backInService(machine: Plant): Promise<void> {
      await machine.runUntil(machine.vm('linux').prompts(SHELL_PROMPT), { atMost: BOOT });
      await join(machine);
      expect(await run(machine, 'ping -c 1 10.0.0.1')).toContain('1 packets received');
      expect(machine.vm('linux')).toHaveRestarted({ times: 1 });
    }

    test('Linux panics and reboots, and the regulator misses no deadline', async () => {
      const machine = running.fork();
      const crashed = machine.now;
      machine.vm('linux').console.type('echo c > /proc/sysrq-trigger\n');
      await machine.runUntil(machine.vm('linux').restarted(), { atMost: seconds(5) });
      expect(machine.vm('linux')).toHavePrinted('Kernel panic - not syncing: sysrq triggered crash');
      await backInService(machine);
      expectNoHarm(machine, crashed);
    });

    if (coreOfLinux === 1)
      test('Linux hangs, its watchdog expires, the health monitor restarts it, and the regulator misses no deadline', async () => {
        const machine = running.fork();
        const linux = machine.vm('linux');
        await run(machine, 'feed-watchdog & echo 0 > /proc/sys/kernel/panic');
        await machine.runFor(seconds(1));
        expect(linux.state.is).not.toBe('crashed');
        const crashed = machine.now;
        // Without a time to reboot after, a kernel that panics stays where it is for ever.
        linux.console.type('echo c > /proc/sysrq-trigger\n');
        await machine.runUntil(linux.crashed({ kind: 'watchdog' }), { atMost: seconds(1) });
        expect(linux).toHavePrinted('Kernel panic - not syncing: sysrq triggered crash');
        await backInService(machine);
        expectNoHarm(machine, crashed);
      });
  });
});
