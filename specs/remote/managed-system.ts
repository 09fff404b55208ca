/** A system that specs have served by another process. */
import { defineSystem, kib, ms } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';

export const managed = defineSystem({
  vms: {
    worker: {
      image: '../../fixtures/counter/counter.elf',
      ram: kib(64),
      limits: { ram: kib(128), budget: ms(0.5) },
      schedule: { priority: 5, period: ms(1), budget: ms(0.2) },
    },
    shell: { image: '../../fixtures/shell/shell.elf', ram: kib(64) },
    spare: { image: '../../fixtures/counter/counter.elf', ram: kib(64), autostart: false },
  },
  channels: {
    count: { kind: 'queue', message: Count, from: 'worker', to: 'test', capacity: 1000 },
  },
});
