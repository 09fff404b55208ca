/**
 * The digest of a sequence of events. Their encodings are cut into blocks of a fixed size, chained:
 * `chain' = SHA-256(chain ‖ block)`, and the digest is `SHA-256(chain ‖ remainder)`, the remainder being shorter
 * than a block. So the state is 32 bytes and a remainder: plain data, where a hash function's own state is not.
 */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import { Encoder } from './encode';

const BLOCK_SIZE = 8192;
const CHAIN_SIZE = 32;

/** SHA-256. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

let hash: Hash = sha256;

/** Lets a host hash by its own means, which are several times as fast: the digests are the same. */
export function hashWith(hostHash: Hash): void {
  hash = hostHash;
}

export interface DigestState {
  readonly chain: Uint8Array;
  readonly remainder: Uint8Array;
}

export class Digest {
  /** Replaced, never changed. */
  #chain: Uint8Array = new Uint8Array(CHAIN_SIZE);
  /** The chain and what follows it, to be hashed in one go. */
  readonly #hashed = new Uint8Array(CHAIN_SIZE + BLOCK_SIZE);
  readonly #encoder = new Encoder();

  /** Adds one event. */
  absorb(event: unknown): void {
    this.#encoder.encode(event);
    this.#hashBlocks();
  }

  /** Adds events by their encodings, one after the other. */
  absorbEncoded(bytes: Uint8Array): void {
    this.#encoder.append(bytes);
    this.#hashBlocks();
  }

  /** SHA-256 over everything absorbed so far, in hexadecimal; more may be absorbed afterwards. */
  toHex(): string {
    return bytesToHex(this.#hash(this.#encoder.bytes.subarray(0, this.#encoder.length)));
  }

  save(): DigestState {
    return { chain: this.#chain, remainder: this.#encoder.bytes.slice(0, this.#encoder.length) };
  }

  restore(state: DigestState): void {
    this.#chain = state.chain;
    this.#encoder.load(state.remainder);
  }

  #hashBlocks(): void {
    const encoder = this.#encoder;
    if (encoder.length < BLOCK_SIZE) return;
    let from = 0;
    for (; encoder.length - from >= BLOCK_SIZE; from += BLOCK_SIZE) {
      this.#chain = this.#hash(encoder.bytes.subarray(from, from + BLOCK_SIZE));
    }
    encoder.consume(from);
  }

  #hash(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const hashed = this.#hashed;
    hashed.set(this.#chain);
    hashed.set(bytes, CHAIN_SIZE);
    return Uint8Array.from(hash(hashed.subarray(0, CHAIN_SIZE + bytes.length)));
  }
}
