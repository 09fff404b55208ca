/** An update server: sends an image in packets to the updater VM, and goes by what that one says of it. */
import { us, type TestMachine } from 'testvisor';
import { CHUNK_SIZE, PACKETS } from '../../fixtures/update/messages';
import type { Updatable } from './clients';

/** How long it waits for word of a packet before it asks again. */
const PATIENCE = us(400);
const STEP = us(20);

export interface Report {
  readonly error: bigint;
  readonly kind: number;
  readonly received: number;
  readonly stage: number;
  readonly result: number;
  readonly why: number;
  readonly rejection: number;
  readonly slot: number;
}

export function send(
  machine: Updatable,
  kind: keyof typeof PACKETS,
  offset = 0,
  bytes: Uint8Array = new Uint8Array(0),
  size = bytes.length,
): void {
  const padded = new Uint8Array(CHUNK_SIZE);
  padded.set(bytes);
  machine.channel('chunks').send({ kind: PACKETS[kind], offset, size, bytes: [...padded] });
}

/** The next report; undefined when none comes in time. */
export async function nextReport(
  machine: TestMachine<never, never> | Updatable,
  within: number = PATIENCE,
): Promise<Report | undefined> {
  const { progress } = { progress: (machine as Updatable).channel('progress') };
  for (let waited = 0; waited < within; waited += STEP) {
    const report = progress.receive();
    if (report !== undefined) return report;
    await machine.runFor(STEP);
  }
  return progress.receive();
}

/** Sends all of an image, as often as it takes. @returns what came of it, once the image is taken or refused */
export async function deliver(machine: Updatable, file: Uint8Array): Promise<Report> {
  for (;;) {
    send(machine, 'begin', 0, undefined, file.length);
    const report = await nextReport(machine);
    // Lost, or done twice, which the second time is refused.
    if (report?.stage === 1) break;
  }
  for (let received = 0; received < file.length;) {
    send(machine, 'chunk', received, file.subarray(received, received + CHUNK_SIZE));
    received = (await nextReport(machine))?.received ?? received;
  }
  for (;;) {
    send(machine, 'end');
    for (let report = await nextReport(machine); report !== undefined; report = await nextReport(machine))
      if (report.kind === PACKETS.end) return report;
  }
}
