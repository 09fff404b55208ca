/** Platform extension schedule: which of the machine's schedules divides time among VMs. */
import { ScheduleStatus } from '../../platform/hypercall-structs';
import { done, refuse } from './decision';
import { guestName } from './guest-name';
import type { HandlerGroup } from './handler';

export const schedule: HandlerGroup = {
  lookup: (call) => {
    const number = call.context.schedules.names.indexOf(guestName(call, 'name') ?? '');
    return number < 0 ? refuse('invalid-parameter') : done(number, call.buffer('name').size);
  },

  set: (call) => {
    const { schedules } = call.context;
    if (!schedules.maySwitch) return refuse('denied');
    const name = schedules.names[call.value('schedule')];
    if (name === undefined) return refuse('invalid-parameter');
    schedules.set(name);
    return done();
  },

  status: (call) => {
    const { schedules, memory } = call.context;
    const { status, names } = schedules;
    if (status === undefined) return refuse('invalid-state');
    const bytes = ScheduleStatus.encode({
      switchedAt: BigInt(status.switchedAt),
      frameEndsAt: BigInt(status.frameEndsAt),
      current: names.indexOf(status.current),
      next: names.indexOf(status.next),
    });
    memory.write(call.value('status'), bytes);
    return done(0, bytes.length);
  },
};
