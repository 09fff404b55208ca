import { writeFileSync } from 'node:fs';
import {
  destinationOf,
  ETHERNET_HEADER,
  LARGEST_FRAME,
  macBytes,
  sourceOf,
  typeOf,
} from '../../platform/ethernet';
import { TEST_END } from '../../platform/system';
import type { LoggedFrame, Network } from '../../hypervisor';
import { captureNetwork } from '../capture/capture-network';
import { AuthorError } from '../author-error';
import { suggestName } from '../known-name';
import type { EventPattern } from './event-pattern';
import type { Run } from './run';

/** An Ethernet frame in its parts. */
export interface FrameParts {
  /** Addresses such as `'02:00:00:00:00:01'`. */
  readonly to: string;
  /** Default, where the test sends: the test's own. */
  readonly from?: string;
  /** The EtherType: 0x0800 for IPv4, 0x0806 for ARP. */
  readonly type: number;
  readonly payload: Uint8Array;
}

/** A frame that was sent on a network. */
export interface SentFrame {
  /** Virtual nanoseconds. */
  readonly at: number;
  /** The VM that sent it, or `test`. */
  readonly sender: string;
  /** Which of the sender's network cards it came from. */
  readonly nic: number;
  /** Its number on the network, from 1: what the trace calls it. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly to: string;
  readonly from: string;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** A virtual network as a spec has it in hand: its own port, everybody's cables, and all that goes over the wires. */
export class TestNetwork {
  readonly name: string;
  readonly #run: Run;
  /** Looked up each time: a disposed machine refuses. */
  readonly #inner: () => Network;

  constructor(name: string, run: Run, inner: () => Network) {
    this.name = name;
    this.#run = run;
    this.#inner = inner;
  }

  /** The address of the test's own port. */
  get mac(): string {
    return this.#inner().test.port.mac;
  }

  /** The address of a VM's network card on this network. */
  macOf(vm: string): string {
    return this.#port('macOf', vm).mac;
  }

  /** Sends a frame from the test's port; what there is no room for is lost, as on any wire. @throws AuthorError when it is none */
  send(frame: Uint8Array | FrameParts): void {
    const where = `network('${this.name}').send()`;
    const bytes = isBytes(frame) ? frame.slice() : this.#frameOf(where, frame);
    if (bytes.length < ETHERNET_HEADER || bytes.length > LARGEST_FRAME)
      throw new AuthorError({
        code: 'bad-value',
        where,
        what: `${bytes.length} bytes are no Ethernet frame.`,
        mend: `A frame has ${ETHERNET_HEADER} to ${LARGEST_FRAME} bytes, from the destination's address to the end of the payload.`,
      });
    this.#inner().test.port.send(bytes);
  }

  /** Takes the oldest frame that reached the test's port; undefined when none waits. At most 1024 wait. */
  receive(): Uint8Array | undefined {
    return this.#inner().test.receive();
  }

  /** The last frames that anybody sent, oldest first: at most 1024, or as many as the network declares. */
  get frames(): readonly SentFrame[] {
    return this.#inner().log.frames.map(sentFrame);
  }

  /**
   * The frames that are kept (`framesKept`), as a pcapng capture, which Wireshark and tshark read: each VM's card is an
   * interface, times are virtual ones after the system's `epoch`.
   */
  capture(): Uint8Array {
    return captureNetwork(this.#inner(), this.#run.system.epoch, this.#run.events);
  }

  /** Writes `capture()` into a file. */
  saveCapture(path: string): void {
    writeFileSync(path, this.capture());
  }

  /** Until a frame is sent, by anybody, that `accepts` says yes to. */
  sent(accepts: (frame: SentFrame) => boolean = () => true): EventPattern {
    return this.#pattern('frame-sent', `a frame on ${this.name}`, (frame) => accepts(frame));
  }

  /** Until such a frame reaches the test's port; `receive` then takes it. */
  received(accepts: (frame: SentFrame) => boolean = () => true): EventPattern {
    return this.#pattern('frame-received', `a frame for the test on ${this.name}`, (frame, receiver) =>
      receiver === TEST_END ? accepts(frame) : false,
    );
  }

  /** Pulls a VM's cable out, or plugs it in again. The guest is told. */
  setLink(vm: string, link: 'up' | 'down'): void {
    this.#port('setLink', vm).setUp(link === 'up');
  }

  #pattern(
    kind: 'frame-sent' | 'frame-received',
    describe: string,
    accepts: (frame: SentFrame, vm: string) => boolean,
  ): EventPattern {
    return {
      describe,
      matches: (_run, event) => {
        if (event.kind !== kind || event.network !== this.name) return false;
        const frame = this.#inner().log.find(event.sequence);
        return frame !== undefined && accepts(sentFrame(frame), event.vm);
      },
    };
  }

  #port(method: string, vm: string): Network['ports'][number] {
    const { ports } = this.#inner();
    const port = ports.find(({ owner }) => owner === vm);
    if (port !== undefined) return port;
    throw new AuthorError({
      code: 'unknown-vm',
      where: `network('${this.name}').${method}('${vm}')`,
      what: `no card of a VM “${vm}” is on this network.`,
      mend: suggestName(
        vm,
        ports.map(({ owner }) => owner),
        'VM',
      ),
    });
  }

  #frameOf(where: string, { to, from = this.mac, type, payload }: FrameParts): Uint8Array {
    const frame = new Uint8Array(ETHERNET_HEADER + payload.length);
    frame.set([...requireMac(where, to), ...requireMac(where, from), type >>> 8, type & 0xff]);
    frame.set(payload, ETHERNET_HEADER);
    return frame;
  }
}

/** By shape: bytes may come from another realm (a spec's). */
const isBytes = (frame: Uint8Array | FrameParts): frame is Uint8Array => ArrayBuffer.isView(frame);

const sentFrame = ({ at, sender, nic, sequence, bytes }: LoggedFrame): SentFrame => ({
  at,
  sender,
  nic,
  sequence,
  bytes,
  to: destinationOf(bytes),
  from: sourceOf(bytes),
  type: typeOf(bytes),
  payload: bytes.subarray(ETHERNET_HEADER),
});

function requireMac(where: string, mac: string): readonly number[] {
  const bytes = macBytes(mac);
  if (bytes !== undefined) return bytes;
  throw new AuthorError({
    code: 'bad-value',
    where,
    what: `“${mac}” is no Ethernet address.`,
    mend: "Write for example '02:00:00:00:00:01', or network.macOf('vm').",
  });
}
