/** A system of which two machines are booted, in one of which its VMs live at first. */
import { defineSystem, kib, ms } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Ball } from '../../fixtures/ping-pong/messages';

export const moving = (autostart: boolean) =>
  defineSystem(
    {
      vms: {
        worker: {
          image: '../../fixtures/counter/counter.elf',
          ram: kib(64),
          limits: { ram: kib(128), budget: ms(0.5) },
          schedule: { priority: 5, period: ms(1), budget: ms(0.2) },
          autostart,
        },
        pong: { image: '../../fixtures/ping-pong/pong.elf', ram: kib(64), autostart },
        witness: { image: '../../fixtures/counter/counter.elf', ram: kib(64) },
      },
      channels: {
        count: { kind: 'queue', message: Count, from: 'worker', to: 'test', capacity: 1000 },
        ping: { kind: 'queue', message: Ball, from: 'test', to: 'pong', capacity: 8 },
        pong: { kind: 'queue', message: Ball, from: 'pong', to: 'test', capacity: 8 },
      },
    },
    { relativeTo: __dirname },
  );

/** Where VMs arrive. */
export const destination = moving(false);
