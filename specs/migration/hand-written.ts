/** Somebody who knows the token and the protocol, and sends what he likes. */
import { createHmac, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Packr } from 'msgpackr';

const GREETING = 'testvisor migration 1\n';
const NONCE = 16;
const CODE = 32;

const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: 'bigint' });

/** @returns what the destination answers to all of it, until it ends the connection */
export async function sendByHand(
  port: number,
  token: string,
  messages: readonly unknown[],
): Promise<readonly { readonly is: string; readonly what?: string }[]> {
  const socket = connect(port, '127.0.0.1');
  const mine = randomBytes(NONCE);
  let heard = Buffer.alloc(0);
  let isGreeted = false;
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([Buffer.from(GREETING), mine]));
  return new Promise((done) => {
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      if (isGreeted || heard.length < GREETING.length + NONCE) return;
      isGreeted = true;
      const theirs = heard.subarray(GREETING.length, GREETING.length + NONCE);
      messages.forEach((message, number) => {
        const contents = packr.pack(message);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(contents.length);
        const code = createHmac('sha256', token).update(mine).update(theirs).update(`source ${number} `);
        socket.write(Buffer.concat([length, code.update(contents).digest(), contents]));
      });
      socket.end();
    });
    socket.on('close', () => {
      const answers: { readonly is: string }[] = [];
      for (let at = GREETING.length + NONCE; at + 4 + CODE <= heard.length;) {
        const start = at + 4 + CODE;
        const end = start + heard.readUInt32BE(at);
        answers.push(packr.unpack(heard.subarray(start, end)) as { readonly is: string });
        at = end;
      }
      done(answers);
    });
  });
}
