/** xv6, MIT's teaching kernel: Sv39, three harts, PLIC, UART and a virtio disk, driven by code that nobody here wrote. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boot, defineSystem, mib, seconds, us } from 'testvisor';

jest.setTimeout(300_000);

const PROMPT = '$ ';
/** No package has xv6: docs/conformance.md says how to build it, and what to name the files. */
const FOLDER = join(process.env['TESTVISOR_GUESTS'] ?? '/usr/local/share', 'xv6');
const KERNEL = join(FOLDER, 'kernel.elf');
const DISK = join(FOLDER, 'fs.img');
const describeXv6 = existsSync(KERNEL) && existsSync(DISK) ? describe : describe.skip;

const xv6 = (harts: number) =>
  defineSystem({
    cores: harts,
    coreQuantum: us(100),
    vms: {
      xv6: {
        image: KERNEL,
        profile: 'machine',
        ram: mib(128),
        cores: Array.from({ length: harts }, (_, core) => core),
        disks: [{ image: DISK }],
      },
    },
  });

async function shellOn(harts: number) {
  const machine = await boot(xv6(harts));
  const vm = machine.vm('xv6');
  await machine.runUntil(vm.prompts(PROMPT), { atMost: seconds(10) });
  const asks = (command: string, atMost = seconds(20)) =>
    machine.ask(vm.name, command, { prompt: PROMPT, atMost });
  return { machine, vm, asks };
}

describeXv6(`xv6 (${KERNEL} and ${DISK})`, () => {
  test.each([1, 3])(
    'boots to its shell, keeps files, and passes its quick tests on %i harts',
    async (harts) => {
      const { vm, asks } = await shellOn(harts);
      expect(vm.console.text).toContain('init: starting sh');
      for (let hart = 1; hart < harts; hart++) expect(vm.console.text).toContain(`hart ${hart} starting`);
      await asks('echo brakes applied > log');
      expect(await asks('cat log')).toBe('brakes applied\n');
      expect(await asks('cat README | grep RISC-V | wc')).toMatch(/^\d+ \d+ \d+ /);
      expect(await asks('forktest')).toContain('fork test OK');
      await asks('stressfs');
      expect(await asks('ls')).toMatch(/^stressfs0 +2 \d+ 10240$/m);
    },
  );

  test('runs the same twice', async () => {
    const digest = async (): Promise<string> => {
      const { machine, asks } = await shellOn(1);
      await asks('ls');
      return machine.digest;
    };
    expect(await digest()).toBe(await digest());
  });
});
