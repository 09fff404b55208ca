/** Two guests that play ping-pong, in a machine in which they live at first or not. */
import { defineSystem, kib } from 'testvisor';
import { Ball } from '../../fixtures/ping-pong/messages';

export const pair = (autostart: boolean, cores = 1) =>
  defineSystem(
    {
      cores,
      vms: {
        ping: { image: '../../fixtures/ping-pong/ping.elf', ram: kib(64), autostart },
        pong: { image: '../../fixtures/ping-pong/pong.elf', ram: kib(64), autostart, core: cores - 1 },
      },
      channels: {
        ping: { kind: 'queue', message: Ball, from: 'ping', to: 'pong', capacity: 8 },
        pong: { kind: 'queue', message: Ball, from: 'pong', to: 'ping', capacity: 8 },
      },
    },
    { relativeTo: __dirname },
  );

/** Where one of them arrives. */
export const destination = pair(false);
