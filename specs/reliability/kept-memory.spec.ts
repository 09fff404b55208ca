/** Objects that a VM declares to keep survive every restart but a cold one. */
import { boot, defineSystem, faults, kib, ms, type RestartKind } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';

/** Counts its lives in `lives`, which start-up code does not clear. */
const counter = (restart: RestartKind, keeps: readonly string[]) =>
  defineSystem({
    vms: {
      counter: { image: '../../fixtures/counter/counter.elf', ram: kib(64), onFault: { restart }, keeps },
    },
    channels: { count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 100 } },
  });

/** What `lives` is after a restart, when a fault has set it to 42 before. */
async function livesAfter(restart: RestartKind, keeps: readonly string[]): Promise<number> {
  const machine = await boot(counter(restart, keeps));
  const symbol = 'lives';
  machine.inject(faults.overwrite({ vm: 'counter', symbol, value: 42n, size: 4, at: ms(3.2) }));
  machine.inject(faults.crash({ vm: 'counter', at: ms(3.5) }));
  await machine.runTo(ms(8));
  expect(machine.vm('counter')).toHaveRestarted({ times: 1, kind: restart });
  return machine.channel('count').messages.at(-1)!.value.lives;
}

test.each([
  // A restart from the snapshot does not run start-up code, which counts lives.
  ['snapshot', ['lives'], 42],
  ['snapshot', [], 1],
  ['warm', ['lives'], 43],
  ['warm', [], 43],
  ['cold', ['lives'], 1],
] as const)('after a %s restart with keeps %j, lives is %i', async (restart, keeps, expected) => {
  expect(await livesAfter(restart, keeps)).toBe(expected);
});

test('what there is nothing of cannot be kept', async () => {
  await expect(boot(counter('warm', ['live']))).rejects.toThrow(/live.*\n.*lives/);
  await expect(boot(counter('warm', ['main']))).rejects.toThrow(
    /vms\.counter\.keeps: “main” of .*counter\.elf is a function, which is nothing to keep/,
  );
  expect(() => counter('warm', 'lives' as never)).toThrow(
    "vms.counter.keeps: needs a list of the image's objects, not \"lives\". Write for example ['doseDelivered'].",
  );
});
