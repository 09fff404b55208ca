/** A VM that nobody may look into: licensed code, keys. A manager leads its life, and learns nothing of what is in it. */
import { boot, defineSystem, kib, mib, ms, policyMatrix, probePolicy, type VmDefinition } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/manager/messages';

type Worker = Pick<VmDefinition, 'confidential' | 'disks'>;

const systemOf = (xlen: '' | '.rv64', worker: Worker, debugs: readonly 'worker'[] = []) =>
  defineSystem({
    vms: {
      manager: {
        image: `../../fixtures/manager/manager${xlen}.elf`,
        ram: kib(64),
        authorityOver: ['worker'],
        debugs,
        schedule: { priority: 9 },
      },
      worker: {
        image: `../../fixtures/counter/counter${xlen}.elf`,
        ram: kib(64),
        schedule: { priority: 5 },
        ...worker,
      },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'manager', capacity: 4 },
      answers: { kind: 'queue', message: Answer, from: 'manager', to: 'test', capacity: 4 },
      count: { kind: 'queue', message: Count, from: 'worker', to: 'test', capacity: 1000 },
    },
  });

async function managed(worker: Worker = {}, debugs: readonly 'worker'[] = [], xlen: '' | '.rv64' = '') {
  const machine = await boot(systemOf(xlen, worker, debugs));
  await machine.runTo(ms(2.5));
  return {
    machine,
    order: async (name: keyof typeof ORDERS, argument = 0) => {
      machine.channel('orders').send({ code: ORDERS[name], argument: BigInt(argument) });
      await machine.runUntil(machine.channel('answers').received(), { atMost: ms(1) });
      return machine.channel('answers').receive()!;
    },
  };
}

const CODE = 0x8000_2000;
const [OK, DENIED, PARAMETER, ADDRESS] = [0n, -4n, -3n, -5n];

describe.each(['', '.rv64'] as const)('a declared debugger (manager%s.elf)', (xlen) => {
  test('reads and writes the memory of a VM, and reads its registers', async () => {
    const { machine, order } = await managed({}, ['worker'], xlen);
    const worker = machine.vm('worker');
    const held = Buffer.from(worker.read(CODE, 8)).readBigUInt64LE();
    expect(await order('readMemory', CODE)).toMatchObject({ error: OK, debugged: held });
    expect(await order('readRegister', 2)).toMatchObject({
      error: OK,
      debugged: worker.hart(0).register('sp'),
    });
    expect(await order('readRegister', 32)).toMatchObject({ error: OK, debugged: worker.hart(0).pc });
    expect((await order('writeMemory', 0x8000_f000)).error).toBe(OK);
    expect([...worker.read(0x8000_f000, 8)]).toEqual(new Array(8).fill(0xff));
  });

  test('finds nothing where the VM has no RAM, and no registers beyond the pc', async () => {
    const { order } = await managed({}, ['worker'], xlen);
    for (const address of [0, CODE - 0x1000_0000, 0x8000_fff9, 0x8001_0000, 0x6000_0000, 0xffff_fffc]) {
      expect((await order('readMemory', address)).error).toBe(ADDRESS);
      expect((await order('writeMemory', address)).error).toBe(ADDRESS);
    }
    expect((await order('readRegister', 33)).error).toBe(PARAMETER);
  });

  test('is declared: authority alone is none to look', async () => {
    const { machine, order } = await managed({}, [], xlen);
    for (const what of ['readMemory', 'writeMemory', 'readRegister'] as const)
      expect(await order(what, CODE)).toMatchObject({ error: DENIED, debugged: 0n });
    expect(machine.trace).toContainEqual(
      expect.objectContaining({
        kind: 'hypercall-denied',
        vm: 'manager',
        call: 'debug.read',
        error: 'denied',
      }),
    );
  });
});

describe('a confidential VM', () => {
  test('is managed like any other, and does its work', async () => {
    const { machine, order } = await managed({ confidential: true });
    expect((await order('suspend')).error).toBe(OK);
    expect((await order('resume')).error).toBe(OK);
    expect((await order('accountOf')).starts).toBe(1n);
    await machine.runUntil(machine.channel('count').sent({ count: 4 }), { atMost: ms(5) });
  });

  test('has no debugger: a declaration of one is refused, and hypercalls are denied', async () => {
    expect(() => systemOf('', { confidential: true }, ['worker'])).toThrow(
      'vms.manager.debugs[0]: "worker" is confidential: no other VM may look into it. Leave it out here, or declare worker without confidential.',
    );
    const { order } = await managed({ confidential: true });
    for (const what of ['readMemory', 'writeMemory', 'readRegister'] as const)
      expect(await order(what, CODE)).toMatchObject({ error: DENIED, debugged: 0n });
  });

  test('tells others of a fault that there was one, but not where', async () => {
    const crash = async (worker: Worker) => {
      const { machine, order } = await managed(worker);
      machine.vm('worker').write(Number(machine.vm('worker').pc), new Uint8Array(4));
      await machine.runUntil(machine.vm('worker').crashed({ kind: 'trap', cause: 2 }), { atMost: ms(5) });
      return order('statusOf');
    };
    expect((await crash({})).debugged).toBeGreaterThan(0x8000_0000n);
    expect(await crash({ confidential: true })).toMatchObject({ error: OK, debugged: 0n });
  });

  test('gives a hostile guest in any other place nothing', async () => {
    const { violations, refusals } = await probePolicy(systemOf('', { confidential: true }));
    expect({ violations, refusals }).toEqual({ violations: [], refusals: [] });
  });

  test('leaves nothing in memory when it is destroyed', async () => {
    const { machine, order } = await managed({ confidential: { visibleTo: 'test' } });
    expect((await order('destroy')).error).toBe(OK);
    expect(
      machine
        .vm('worker')
        .read(0x8000_0000, kib(64))
        .every((byte) => byte === 0),
    ).toBe(true);
  });
});

describe('what the test may see of a confidential VM', () => {
  const text = (where: string) =>
    `${where}: “worker” is confidential: nobody may look into its memory, registers and media.\n  mend:  Ask it by its channels; or declare that the test may: vms.worker.confidential: { visibleTo: 'test' }.`;

  test.each<[string, (worker: Awaited<ReturnType<typeof managed>>['machine']) => unknown]>([
    ["vm('worker').read()", (machine) => machine.vm('worker').read(CODE, 4)],
    ["vm('worker').hart(0).register()", (machine) => machine.vm('worker').hart(0).register('sp')],
    ["vm('worker').snapshot()", (machine) => machine.vm('worker').snapshot()],
    ["vm('worker').disk(0).read()", (machine) => machine.vm('worker').disk(0).read(0, 512)],
    ["vm('worker').disk(0).saveTo()", (machine) => machine.vm('worker').disk(0).saveTo('/nowhere')],
    ["vm('worker').flash.read()", (machine) => machine.vm('worker').flash.read(0, 4)],
  ])('is nothing by %s, unless that is declared', async (where, look) => {
    const disks = [{ size: mib(1) }];
    const { machine } = await managed({ confidential: true, disks });
    expect(() => look(machine)).toThrow(text(where));
    if (where.includes('saveTo')) return;
    const { machine: visible } = await managed({ confidential: { visibleTo: 'test' }, disks });
    expect(look(visible)).toBeDefined();
  });

  test('is what everybody sees: where it is, how it fares, what it says', async () => {
    const { machine } = await managed({ confidential: true });
    const worker = machine.vm('worker');
    expect(worker.position).toMatch(/ in main\(\)/);
    expect(worker.state.is).toBe('waiting');
    expect(worker.account.starts).toBe(1);
  });
});

test('the matrix shows who may debug whom', () => {
  expect(policyMatrix(systemOf('', {}, ['worker'])).rules).toContainEqual({
    subject: 'manager',
    rights: ['manage', 'debug'],
    object: { is: 'vm', name: 'worker' },
  });
});

test.each([
  [
    { confidential: false },
    'vms.worker.confidential: false says nobody who may look into it. Write true, or',
  ],
  [{ confidential: { visibleTo: 'manager' } }, 'vms.worker.confidential.visibleTo: "manager" is not "test".'],
  [{ confidential: { visible: 'test' } }, 'vms.worker.confidential.visible: there is no such property.'],
  [
    { debugs: 'manager' },
    'vms.worker.debugs: needs a list of VMs, not "manager". Write for example [\'sensor\'].',
  ],
  [{ debugs: ['manger'] }, 'vms.worker.debugs[0]: there is no VM "manger". Did you mean "manager"?'],
  [{ debugs: ['worker'] }, 'vms.worker.debugs: "worker" is this VM itself.'],
])('a declaration that cannot be meant is refused: %j', (settings, text) => {
  expect(() => systemOf('', settings as never)).toThrow(text);
});
