import { seconds, type SentFrame, type TestMachine } from 'testvisor';

const ARP = 0x0806;
const IPV4 = 0x0800;
const ICMP = 1;

/** The test takes part in a network as a host would that has one address: it answers who asks for it, and then one ping. */
export async function answerPing(machine: TestMachine, network: string, address: string): Promise<void> {
  const lan = machine.network(network);
  const own = Uint8Array.from(address.split('.'), Number);
  const isForOwn = (payload: Uint8Array, at: number): boolean =>
    own.every((byte, index) => payload[at + index] === byte);
  const heard = async (accepts: (frame: SentFrame) => boolean): Promise<SentFrame> => {
    await machine.runUntil(lan.received(accepts), { atMost: seconds(5) });
    return lan.frames.findLast(accepts)!;
  };

  // RFC 826: hardware and protocol, their sizes, the operation, then sender and target.
  const question = await heard(({ type, payload }) => type === ARP && isForOwn(payload, 24));
  const answer = question.payload.slice(0, 28);
  answer[7] = 2;
  answer.set(
    Uint8Array.from(lan.mac.split(':'), (byte) => parseInt(byte, 16)),
    8,
  );
  answer.set(own, 14);
  answer.set(question.payload.subarray(8, 18), 18);
  lan.send({ to: question.from, type: ARP, payload: answer });

  // RFC 791 and 792: an answer is the question with its addresses exchanged and type 0 for 8, which the checksum follows.
  const ping = await heard(
    ({ type, payload }) => type === IPV4 && payload[9] === ICMP && isForOwn(payload, 16) && payload[20] === 8,
  );
  const echo = ping.payload.slice();
  echo.set(ping.payload.subarray(16, 20), 12);
  echo.set(ping.payload.subarray(12, 16), 16);
  echo[20] = 0;
  const sum = ((echo[22]! << 8) | echo[23]!) + 0x0800;
  const folded = (sum & 0xffff) + (sum >>> 16);
  echo[22] = folded >>> 8;
  echo[23] = folded & 0xff;
  lan.send({ to: ping.from, type: IPV4, payload: echo });
}
