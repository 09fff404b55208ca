/** Two guests that send a ball to and fro: the smallest system in which something happens. */
import { defineSystem, kib } from 'testvisor';
import { Ball } from '../../fixtures/ping-pong/messages';

export const pingPong = defineSystem({
  vms: {
    ping: { image: '../../fixtures/ping-pong/ping.elf', ram: kib(64) },
    pong: { image: '../../fixtures/ping-pong/pong.elf', ram: kib(64) },
  },
  channels: {
    ping: { kind: 'queue', message: Ball, from: 'ping', to: 'pong', capacity: 4 },
    pong: { kind: 'queue', message: Ball, from: 'pong', to: 'ping', capacity: 4 },
  },
});
