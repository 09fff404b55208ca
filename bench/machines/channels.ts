/** A message of 64 bytes from one VM's memory to another's: sent, received, and the turns between the two. */
import { boot, bytes, defineSystem, kib, ms } from 'testvisor';
import type { Measurement } from '../measurement';
import { buildFirmware, withDirectory } from './firmware';
import { nanosecondsPerRound } from './rounds';

const RUNS = 7;
/** So long that the host has compiled what a message takes, and the trace drops its oldest events and hashes them. */
const STRETCH = ms(300);

export const channels = (): Promise<readonly Measurement[]> =>
  withDirectory(async (directory) => {
    const [sender, receiver] = [
      await buildFirmware('sender', directory),
      await buildFirmware('receiver', directory),
    ];
    const machine = await boot(
      defineSystem({
        vms: { sender: { image: sender, ram: kib(256) }, receiver: { image: receiver, ram: kib(256) } },
        channels: {
          messages: { kind: 'queue', from: 'sender', to: 'receiver', messageSize: bytes(64), capacity: 8 },
        },
      }),
    );
    const value = await nanosecondsPerRound(machine, 'receiver', receiver, RUNS, STRETCH);
    machine.dispose();
    return [
      {
        name: 'message of 64 bytes from guest to guest',
        value,
        unit: 'ns',
        runs: RUNS,
        promise: { is: 'at most', value: 1000 },
      },
    ];
  });
