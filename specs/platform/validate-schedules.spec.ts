import { kib, ms, us } from '../../platform/units';
import { resolveSystem, type SystemError, type SystemErrorCode } from '../../platform/validate-system';

const vm = (others: object = {}) => ({ image: 'vm.elf', ram: kib(64), ...others });
const resolve = (schedules: unknown, vms: object = {}) =>
  resolveSystem({ cores: 2, vms: { flight: vm(), cabin: vm(), ...vms }, schedules } as never);

const flight = { vm: 'flight', offset: ms(0), duration: ms(2) };
const cabin = { vm: 'cabin', offset: ms(5), duration: ms(5) };
const frame = (windows: unknown, others: object = {}) => ({ majorFrame: ms(10), windows, ...others });

test('a window counts on every core of its VM, and windows are in order of time', () => {
  const { schedules } = resolve(
    { normal: frame([cabin, flight, { vm: 'both', offset: ms(3), duration: ms(1) }], { slack: ['cabin'] }) },
    { both: vm({ cores: [0, 1] }) },
  );
  expect(schedules).toEqual([
    {
      name: 'normal',
      majorFrame: 10e6,
      windows: [
        { vm: 'flight', core: 0, start: 0, end: 2e6 },
        { vm: 'both', core: 0, start: 3e6, end: 4e6 },
        { vm: 'both', core: 1, start: 3e6, end: 4e6 },
        { vm: 'cabin', core: 0, start: 5e6, end: 10e6 },
      ],
      slack: ['cabin'],
      restarts: [],
    },
  ]);
});

test('a VM may have its windows in one schedule only, live on slack, or be on a core without windows', () => {
  const vms = { logger: vm(), radio: vm({ core: 1 }) };
  const schedules = { normal: frame([flight, cabin], { slack: ['logger'] }), landing: frame([flight]) };
  expect(resolve(schedules, vms).schedules.map(({ name }) => name)).toEqual(['normal', 'landing']);
});

test.each<[mistake: string, schedules: unknown, code: SystemErrorCode, text: string, vms?: object]>([
  [
    'no windows',
    { normal: frame([]) },
    'no-windows',
    "schedules.normal.windows: a schedule without windows gives nobody any time. Write windows: [{ vm: 'flight', offset: ms(0), duration: ms(5) }].",
  ],
  [
    'no major frame',
    { normal: { windows: [flight] } },
    'wrong-type',
    'schedules.normal.majorFrame: needs a whole number of nanoseconds, not nothing. Write for example ms(10) or us(500).',
  ],
  [
    'a window behind the end of the frame',
    { normal: frame([flight, { ...cabin, duration: ms(6) }]) },
    'window-outside-frame',
    'schedules.normal.windows[1]: it ends 11000000 ns into a major frame of 10000000 ns. Begin it earlier, shorten it, or lengthen the major frame.',
  ],
  [
    'an action for a VM that there is not',
    { normal: frame([flight, cabin], { changeActions: { flihgt: 'ignore' } }) },
    'unknown-vm',
    'schedules.normal.changeActions: there is no VM "flihgt". Did you mean "flight"?',
  ],
  [
    'an action that there is not',
    { normal: frame([flight, cabin], { changeActions: { flight: 'cold' } }) },
    'unknown-choice',
    'schedules.normal.changeActions.flight: "cold" is not "ignore", "warm-start" or "cold-start". Write "ignore", "warm-start" or "cold-start".',
  ],
  [
    'an action for a VM without a window',
    { normal: frame([flight, cabin]), landing: frame([flight], { changeActions: { cabin: 'cold-start' } }) },
    'window-missing',
    'schedules.landing.changeActions.cabin: it would be done at the beginning of the VM’s first window in this schedule, and there is none. Give it a window, or leave the action out.',
  ],
  [
    'windows that overlap',
    { normal: frame([cabin, { ...flight, duration: ms(6) }]) },
    'window-overlap',
    'schedules.normal.windows: on core 0 the window of flight ends at 6000000 ns, after that of cabin has begun at 5000000 ns. Shorten the former or begin the latter later.',
  ],
  [
    'a window that a switch fills',
    { normal: frame([{ ...flight, duration: us(0.5) }, cabin]) },
    'window-too-short',
    'schedules.normal.windows[0].duration: its 50 cycles are used up by switching to the VM and a few instructions, which take 82. Make it longer.',
  ],
  [
    'a VM without a window',
    { normal: frame([flight]) },
    'window-missing',
    'schedules: core 0 is divided into windows, and VM cabin has none there in any schedule: it would never run. Give it a window, list it in slack, or move it to another core.',
  ],
  [
    'a hart without a window on its core',
    {
      normal: frame([
        flight,
        cabin,
        { vm: 'both', offset: ms(2), duration: ms(1), core: 0 },
        { vm: 'radio', offset: 0, duration: ms(1) },
      ]),
    },
    'window-missing',
    'schedules: core 1 is divided into windows, and VM both has none there in any schedule: it would never run. Give it a window, list it in slack, or move it to another core.',
    { both: vm({ cores: [0, 1] }), radio: vm({ core: 1 }) },
  ],
  [
    'a VM that there is not',
    { normal: frame([{ ...flight, vm: 'fligt' }, cabin]) },
    'unknown-vm',
    'schedules.normal.windows[0].vm: there is no VM "fligt". Did you mean "flight"?',
  ],
  [
    'a core that the VM is not on',
    { normal: frame([{ ...flight, core: 1 }, cabin]) },
    'unknown-core',
    'schedules.normal.windows[0].core: VM flight has no hart on core 1. Write 0, or leave it out.',
  ],
  [
    'a period that does not divide',
    { normal: frame([flight, cabin]) },
    'period-unlike-frame',
    'schedules.normal.majorFrame: 10000000 ns are no multiple of the period of VM flight, 3000000 ns, and no divisor of it: its windows would come at another place in every period. Make the major frame a multiple of every period of its VMs.',
    { flight: vm({ schedule: { period: ms(3) } }) },
  ],
  [
    'slack for a VM that there is not',
    { normal: frame([flight, cabin], { slack: ['log'] }) },
    'unknown-vm',
    'schedules.normal.slack[0]: there is no VM "log". The VMs are flight, cabin.',
  ],
  [
    'a misspelt property',
    { normal: frame([{ ...flight, length: ms(1) }]) },
    'unknown-property',
    'schedules.normal.windows[0].length: there is no such property. There are vm, offset, duration, core.',
  ],
  ['no list', { normal: frame({}) }, 'wrong-type', 'schedules.normal.windows: needs a list. Write [ … ].'],
])('%s is refused', (_, schedules, code, text, vms = {}) => {
  let error: SystemError | undefined;
  try {
    resolve(schedules, vms);
  } catch (caught) {
    error = caught as SystemError;
  }
  expect(error).toMatchObject({ code, message: text });
});
