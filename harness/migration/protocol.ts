/**
 * What the hosts of two machines say to each other, one after the other:
 *
 *     source                          destination
 *     offer: which VM                 accepted
 *     pages …, round                  taken             once for every round
 *     pages …, state …, switch        moved             the VM is the destination's from here on
 *     ask: what became of it          moved, or nothing (and then never will)
 *
 * or, when VMs have moved and their machines go on together,
 *
 *     link: which channels, networks  linked            the same again after a connection broke
 *     advance …                       advanced …        once for every window of time; the last may be asked for again
 *     unlink                          unlinked
 *
 * or, at any place, `refused` with a reason. Contents have a code, so they are from somebody with the token; what he sends
 * is checked nonetheless.
 */
import type { VmShape } from '../machine/portable-vm';
import type { SplitNetwork } from './crossing-frames';
import type { Crossing } from './ferry';

export interface Offer {
  readonly is: 'offer';
  /** Names this attempt for `ask`. */
  readonly id: string;
  readonly vm: string;
  readonly shape: VmShape;
  /** Hash of the image that it runs. */
  readonly image: string;
}

export interface Pages {
  readonly is: 'pages';
  /** Offset into RAM of each; they follow one another in `bytes`. */
  readonly offsets: readonly number[];
  readonly bytes: Uint8Array;
}

export interface Round {
  readonly is: 'round';
}

/** A piece of the packed state, in order. */
export interface StatePiece {
  readonly is: 'state';
  readonly bytes: Uint8Array;
}

export interface Switch {
  readonly is: 'switch';
  /** SHA-256 of all of RAM and of the packed state. */
  readonly ram: string;
  readonly state: string;
  /** Virtual nanoseconds at which the VM lives on. */
  readonly arrivesAt: number;
}

export interface Ask {
  readonly is: 'ask';
  readonly id: string;
}

/** The two machines go on together. */
export interface LinkRequest {
  readonly is: 'link';
  /** Names the link, on whichever connection. */
  readonly id: string;
  /** Channels from the source to the destination, and those the other way. */
  readonly out: readonly string[];
  readonly in: readonly string[];
  /** Whose cards are where on networks with some on both sides; `here` is the source. */
  readonly networks: readonly SplitNetwork[];
  /** Virtual nanoseconds: of a message on the way, and what the source's time must be added to be the destination's. */
  readonly latency: number;
  readonly ahead: number;
}

/** The destination is to run on to a moment of its time. */
export interface Advance {
  readonly is: 'advance';
  readonly id: string;
  /** From 1. */
  readonly number: number;
  readonly until: number;
  readonly crossings: readonly Crossing[];
  /** For how many messages channels of the source have room. */
  readonly rooms: Readonly<Record<string, number>>;
}

export interface Unlink {
  readonly is: 'unlink';
  readonly id: string;
}

export type FromSource = Offer | Pages | Round | StatePiece | Switch | Ask | LinkRequest | Advance | Unlink;

export type FromDestination =
  | { readonly is: 'accepted' }
  | { readonly is: 'taken' }
  | { readonly is: 'nothing' }
  /** @property at virtual nanoseconds */
  | { readonly is: 'moved'; readonly at: number }
  /** @property now its virtual time; @property quantum nanoseconds by which it may run further than it is told. */
  | {
      readonly is: 'linked';
      readonly now: number;
      readonly quantum: number;
      readonly rooms: Readonly<Record<string, number>>;
    }
  | {
      readonly is: 'advanced';
      readonly number: number;
      readonly crossings: readonly Crossing[];
      readonly rooms: Readonly<Record<string, number>>;
    }
  | { readonly is: 'unlinked' }
  | { readonly is: 'refused'; readonly what: string };

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= 200;
const isBytes = (value: unknown): boolean => ArrayBuffer.isView(value);
const isOffset = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isRooms = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isOffset);
const isCard = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { vm, nic } = value as Readonly<Record<string, unknown>>;
  return isText(vm) && isOffset(nic);
};
const isCards = (value: unknown): boolean => Array.isArray(value) && value.every(isCard);
const isNetwork = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { name, here, there } = value as Readonly<Record<string, unknown>>;
  return isText(name) && isCards(here) && isCards(there);
};
const isNetworks = (value: unknown): boolean => Array.isArray(value) && value.every(isNetwork);
/** What a crossing holds is looked at where it goes. */
const isCrossings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
const isAnything = (_value: unknown): boolean => true;

const FIELDS: {
  readonly [Is in FromSource['is']]: Readonly<Record<string, (value: unknown) => boolean>>;
} = {
  offer: {
    id: isText,
    vm: isText,
    shape: (value) => typeof value === 'object' && value !== null,
    image: isText,
  },
  pages: { offsets: (value) => Array.isArray(value) && value.every(isOffset), bytes: isBytes },
  round: {},
  state: { bytes: isBytes },
  switch: { ram: isText, state: isText, arrivesAt: isOffset },
  ask: { id: isText },
  link: {
    id: isText,
    out: isTexts,
    in: isTexts,
    networks: isNetworks,
    latency: isOffset,
    ahead: Number.isSafeInteger,
  },
  advance: { id: isText, number: isOffset, until: isOffset, crossings: isCrossings, rooms: isRooms },
  unlink: { id: isText },
};

const ANSWERS: {
  readonly [Is in FromDestination['is']]: Readonly<Record<string, (value: unknown) => boolean>>;
} = {
  accepted: {},
  taken: {},
  nothing: {},
  moved: { at: isOffset },
  linked: { now: isOffset, quantum: isOffset, rooms: isRooms },
  advanced: { number: isOffset, crossings: isCrossings, rooms: isRooms },
  unlinked: {},
  refused: { what: (value) => typeof value === 'string' },
};

/** What has been received, if it is a message of the source. */
export const fromSource = (value: unknown): FromSource | undefined =>
  checked(FIELDS, value) as FromSource | undefined;

/** What has been received, if it is a message of the destination. */
export const fromDestination = (value: unknown): FromDestination | undefined =>
  checked(ANSWERS, value) as FromDestination | undefined;

function checked(
  table: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>>,
  value: unknown,
): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Readonly<Record<string, unknown>>;
  const is = message['is'];
  const fields = typeof is === 'string' && Object.hasOwn(table, is) ? table[is] : undefined;
  if (fields === undefined) return undefined;
  const isWhole = Object.entries({ is: isAnything, ...fields }).every(([name, fits]) => fits(message[name]));
  return isWhole ? message : undefined;
}
