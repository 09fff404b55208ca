/** Mistakes in tables of errors and in policies: each has an error of its own, which says how to mend it. */
import { defineSystem, kib, ms, type SystemError } from 'testvisor';

function errorOf(vm: object, system: object = {}): SystemError {
  try {
    defineSystem({
      ...system,
      vms: { train: { image: 'a.elf', ram: kib(64), ...vm }, guard: { image: 'b.elf', ram: kib(64) } },
    });
  } catch (error) {
    return error as SystemError;
  }
  throw new Error('nothing is wrong');
}

const storm = { restart: 'cold', max: 3, within: ms(100) };

test.each([
  [
    'a misspelt error',
    { health: { 'deadline-mised': 'log' } },
    'unknown-property',
    'vms.train.health.deadline-mised: there is no such property. Did you mean "deadline-missed"?',
  ],
  [
    'an unknown action',
    { health: { 'deadline-missed': 'restart' } },
    'unknown-choice',
    "vms.train.health.deadline-missed: \"restart\" is not a policy. Write 'ignore', 'log', { setSchedule: … }, 'stop', { escalateTo: … }, { restart: … } or { ask: … }, or by state { init: …, run: … }.",
  ],
  [
    'nothing but a log of what ends a VM',
    { health: { 'memory-violation': { run: 'log' } } },
    'not-survivable',
    "vms.train.health.memory-violation.run: a VM cannot go on after this error, so there is nothing to log. Write 'stop', { escalateTo: … }, { restart: … } or { ask: … }, or by state { init: …, run: … }.",
  ],
  [
    'an unknown state',
    { health: { watchdog: { run: 'stop', idle: 'stop' } } },
    'unknown-property',
    'vms.train.health.watchdog.idle: there is no such property. There are init, run.',
  ],
  [
    'a table that is none',
    { health: 'stop' },
    'not-an-object',
    'vms.train.health: needs an object, not "stop". Write { … }.',
  ],
  [
    'an escalation to itself',
    { health: { watchdog: { escalateTo: 'train' } } },
    'self-escalation',
    "vms.train.health.watchdog.escalateTo: a crashed VM cannot mend itself. Escalate to another VM or to 'machine'.",
  ],
  [
    'asking itself',
    { health: { watchdog: { ask: 'train', within: ms(1), otherwise: 'stop' } } },
    'self-escalation',
    'vms.train.health.watchdog.ask: a VM with an error does not decide on itself. Ask another VM.',
  ],
  [
    'asking nobody',
    { health: { watchdog: { ask: 'gard', within: ms(1), otherwise: 'stop' } } },
    'unknown-vm',
    'vms.train.health.watchdog.ask: there is no VM "gard". Did you mean "guard"?',
  ],
  [
    'asking without a time',
    { health: { watchdog: { ask: 'guard', otherwise: 'stop' } } },
    'wrong-type',
    'vms.train.health.watchdog.within: needs a whole number of nanoseconds, not nothing. Write for example ms(10) or us(500).',
  ],
  [
    'asking without a way out',
    { health: { watchdog: { ask: 'guard', within: ms(1) } } },
    'ask-without-otherwise',
    "vms.train.health.watchdog: it does not say what is to be done when guard does not answer. Declare for example otherwise: 'stop'.",
  ],
  [
    'asking again',
    {
      health: {
        watchdog: {
          ask: 'guard',
          within: ms(1),
          otherwise: { ask: 'guard', within: ms(1), otherwise: 'stop' },
        },
      },
    },
    'ask-again',
    "vms.train.health.watchdog.otherwise: whoever does not answer in time is not asked again. Declare what is done then, for example 'stop'.",
  ],
  [
    'an answer that there is not',
    { health: { watchdog: { ask: 'guard', within: ms(1), otherwise: 'stop', answers: ['restart'] } } },
    'unknown-choice',
    'vms.train.health.watchdog.answers[0]: "restart" is not "ignore", "restart-cold", "restart-warm", "restart-snapshot", "stop" or "halt-machine". Write "ignore", "restart-cold", "restart-warm", "restart-snapshot", "stop" or "halt-machine".',
  ],
  [
    'no answer at all',
    { health: { watchdog: { ask: 'guard', within: ms(1), otherwise: 'stop', answers: [] } } },
    'wrong-type',
    "vms.train.health.watchdog.answers: needs a list of answers, not an empty one. Write for example ['restart-warm', 'stop'].",
  ],
  [
    'ignoring a crash',
    { health: { watchdog: { ask: 'guard', within: ms(1), otherwise: 'stop', answers: ['ignore'] } } },
    'not-survivable',
    'vms.train.health.watchdog.answers[0]: the VM has crashed by then, and cannot go on. Leave it out, or let it be restarted.',
  ],
  [
    'a back-off without a window',
    { onFault: { restart: 'cold', backOff: { first: ms(1), most: ms(2) } } },
    'back-off-without-max',
    'vms.train.onFault.backOff: it grows with the restarts in a window of time, but no window is declared. Declare max and within.',
  ],
  [
    'a back-off that shrinks',
    { onFault: { ...storm, backOff: { first: ms(2), most: ms(1) } } },
    'back-off-shrinks',
    'vms.train.onFault.backOff.most: 1000000 ns is less than the first wait, 2000000 ns. Make the longest wait at least as long as the first.',
  ],
  [
    'half a back-off',
    { onFault: { ...storm, backOff: { first: ms(2) } } },
    'wrong-type',
    'vms.train.onFault.backOff.most: needs a whole number of nanoseconds, not nothing. Write for example ms(10) or us(500).',
  ],
])('%s', (_, vm, code, text) => {
  const error = errorOf(vm);
  expect([error.code, error.message]).toEqual([code, text]);
});

describe('the system’s table', () => {
  test('is checked like a VM’s', () => {
    expect(errorOf({}, { health: { 'stack-overflow': 'ignore' } })).toMatchObject({
      code: 'not-survivable',
      where: 'health.stack-overflow',
    });
  });

  test('may escalate to a VM that says itself what becomes of it', () => {
    const health = { watchdog: { escalateTo: 'train' } };
    expect(errorOf({}, { health }).message).toBe(
      "health.watchdog: it is VM \"train\"'s, too, and a crashed VM cannot mend itself. Declare vms.train.health.watchdog, or escalate to 'machine'.",
    );
    expect(() => errorOf({ health: { watchdog: 'stop' } }, { health })).toThrow('nothing is wrong');
    expect(() => errorOf({ onFault: 'stop' }, { health })).toThrow('nothing is wrong');
  });

  test('may escalate at last to a VM that says itself what becomes of it', () => {
    const health = { watchdog: { ...storm, exhausted: { escalateTo: 'train' } } };
    expect(errorOf({}, { health }).code).toBe('self-escalation');
  });
});
