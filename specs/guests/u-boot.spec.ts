/** U-Boot as Debian builds it for QEMU's virt board boots as it is: in M-mode, on OpenSBI, and on the hypervisor's SBI. */
import { boot, defineSystem, mib, ms, seconds } from 'testvisor';
import { answerPing } from './answer-ping';
import { describeGuests, guests, pathOf } from './debian-packages';

/** A busy host needs some seconds for a boot. */
jest.setTimeout(60_000);

const PROMPT = '=> ';
const disk = new TextEncoder().encode('The train has left the station.'.padEnd(1024, '.'));
const common = { ram: mib(128), disks: [{ image: disk }] } as const;

const systems = {
  'in M-mode': defineSystem({
    vms: { board: { ...common, profile: 'machine', image: { raw: pathOf(guests.uBoot), xlen: 64 } } },
  }),
  'in M-mode, from its ELF file': defineSystem({
    vms: {
      board: {
        ...common,
        profile: 'machine',
        image: { elf: pathOf(guests.uBootElf), relocatesItself: true },
      },
    },
  }),
  'on the hypervisor’s SBI': defineSystem({
    vms: { board: { ...common, image: { raw: pathOf(guests.uBootSupervisor), xlen: 64 } } },
  }),
  'on OpenSBI': defineSystem({
    vms: {
      board: {
        ...common,
        profile: 'machine',
        firmware: { elf: pathOf(guests.openSbiDynamic), relocatesItself: true },
        image: { raw: pathOf(guests.uBootSupervisor), xlen: 64 },
      },
    },
  }),
};

async function toPrompt(system: (typeof systems)[keyof typeof systems], seed = 1) {
  const machine = await boot(system, { seed });
  const board = machine.vm('board');
  await machine.runUntil(board.prompts(/Hit any key to stop autoboot: +\d/), { atMost: seconds(10) });
  board.console.type(' ');
  await machine.runUntil(board.prompts(PROMPT), { atMost: seconds(5) });
  return { machine, board, asks: (command: string) => machine.ask(board.name, command, { prompt: PROMPT }) };
}

describeGuests('U-Boot', Object.values(guests), () => {
  describe.each(Object.entries(systems))('%s', (_title, system) => {
    test('comes to its prompt and answers', async () => {
      const { board, asks } = await toPrompt(system);
      expect(board.console.text).toContain('Model: testvisor,virt');
      expect(board.console.text).toContain('DRAM:  128 MiB');
      expect(await asks('version')).toMatch(/^U-Boot 20\d\d\.\d\d/);
      expect(await asks('bdinfo')).toMatch(/start += 0x0*80000000\n-> size += 0x0*8000000\n/);
    });

    test('reads its disk', async () => {
      const { asks } = await toPrompt(system);
      expect(await asks('virtio scan; virtio info')).toContain('Type: Hard Disk');
      expect(await asks('virtio read 84000000 0 2')).toContain('2 blocks read: OK');
      expect(await asks('md.b 84000000 20')).toContain('The train has le');
    });

    test('powers off', async () => {
      const { machine, board } = await toPrompt(system);
      board.console.type('poweroff\n');
      await machine.runUntil(board.halted(), { atMost: ms(500) });
      expect(board).toBeHalted({ code: 0 });
    });
  });

  test('finds its flash by CFI, erases it and programs it', async () => {
    const { board, asks } = await toPrompt(systems['on the hypervisor’s SBI']);
    expect(board.console.text).toContain('Flash: 32 MiB');
    expect(await asks('flinfo 1')).toContain(
      'Intel Extended command set, Manufacturer ID: 0x89, Device ID: 0x0018',
    );
    board.flash.write(0, new Uint8Array(0x2_0000));
    await asks('mw.l 84000000 64616572 40');
    expect(await asks('cp.b 84000000 20000000 100')).toContain('Flash not Erased');
    expect(await asks('erase 20000000 +20000')).toContain('Erased 1 sectors');
    expect(await asks('cp.b 84000000 20000000 100')).toContain('done');
    expect(await asks('md.b 20000000 10')).toContain('readreadreadread');
    expect(Buffer.from(board.flash.read(0xfc, 8)).toString('latin1')).toBe('read\xff\xff\xff\xff');
  });

  test('pings a host on its network, which the test is', async () => {
    const system = defineSystem({
      vms: {
        board: {
          ...common,
          image: { raw: pathOf(guests.uBootSupervisor), xlen: 64 },
          nics: [{ network: 'lan' }],
        },
      },
      networks: { lan: {} },
    });
    const { machine, board, asks } = await toPrompt(system);
    expect(board.console.text).toContain('virtio-net');
    await asks('setenv ipaddr 10.0.0.2; setenv netmask 255.255.255.0');
    board.console.type('ping 10.0.0.1\n');
    await answerPing(machine, 'lan', '10.0.0.1');
    await machine.runUntil(board.prompts(PROMPT), { atMost: seconds(5) });
    expect(board.console.text).toContain('host 10.0.0.1 is alive');
  });

  test('boots the same way twice', async () => {
    const digests = new Set<string>();
    for (let round = 0; round < 2; round++) {
      const { machine, asks } = await toPrompt(systems['on OpenSBI'], 7);
      await asks('printenv');
      digests.add(machine.digest);
    }
    expect(digests.size).toBe(1);
  });
});
