/** Writes a devicetree in its flattened form (Devicetree Specification 0.4, chapter 5), version 17. */

/**
 * A property's value: cells of 32 bits, bytes, a string, a list of strings, or nothing (`true`), as in
 * devicetree source `<1 2>`, `[01 02]`, `"a"`, `"a", "b"`, and a name alone.
 */
export type PropertyValue = readonly number[] | Uint8Array | string | readonly string[] | true;

export interface DevicetreeNode {
  readonly properties?: Readonly<Record<string, PropertyValue>>;
  /** Nodes by name with unit address: `memory@80000000`. */
  readonly children?: Readonly<Record<string, DevicetreeNode>>;
}

const MAGIC = 0xd00d_feed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_SIZE = 40;
/** The memory reservation block holds its terminator alone. */
const RESERVATIONS_SIZE = 16;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const END = 9;

const encoder = new TextEncoder();
const alignUp = (length: number): number => (length + 3) & ~3;

/** A growing sequence of bytes, integers big endian. */
class Block {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  word(value: number): void {
    this.#bytes.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  }

  /** Bytes, filled up with zeros to a multiple of four. */
  aligned(bytes: Uint8Array): void {
    this.#bytes.push(...bytes);
    for (let length = bytes.length; length < alignUp(bytes.length); length += 1) this.#bytes.push(0);
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Property names, each once, by their offset in the strings block. */
class Strings {
  readonly #offsets = new Map<string, number>();
  #text = '';

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#text.length;
    this.#offsets.set(name, offset);
    this.#text += `${name}\0`;
    return offset;
  }

  toBytes(): Uint8Array {
    return encoder.encode(this.#text);
  }
}

function cells(values: readonly number[]): Uint8Array {
  const block = new Block();
  for (const value of values) block.word(value);
  return block.toBytes();
}

function valueBytes(value: PropertyValue): Uint8Array {
  if (value === true) return new Uint8Array(0);
  if (ArrayBuffer.isView(value)) return value;
  if (typeof value === 'string') return encoder.encode(`${value}\0`);
  const isText = (items: readonly number[] | readonly string[]): items is readonly string[] =>
    typeof items[0] === 'string';
  return isText(value) ? encoder.encode(value.map((item) => `${item}\0`).join('')) : cells(value);
}

function writeNode(name: string, node: DevicetreeNode, structure: Block, strings: Strings): void {
  structure.word(BEGIN_NODE);
  structure.aligned(encoder.encode(`${name}\0`));
  for (const [property, value] of Object.entries(node.properties ?? {})) {
    const bytes = valueBytes(value);
    structure.word(PROPERTY);
    structure.word(bytes.length);
    structure.word(strings.offset(property));
    structure.aligned(bytes);
  }
  for (const [child, content] of Object.entries(node.children ?? {}))
    writeNode(child, content, structure, strings);
  structure.word(END_NODE);
}

/** The blob of a devicetree whose root is `root`, booted by the hart `bootHart`. */
export function flattenDevicetree(root: DevicetreeNode, bootHart = 0): Uint8Array {
  const structure = new Block();
  const strings = new Strings();
  writeNode('', root, structure, strings);
  structure.word(END);

  const structureBytes = structure.toBytes();
  const stringBytes = strings.toBytes();
  const structureOffset = HEADER_SIZE + RESERVATIONS_SIZE;
  const stringsOffset = structureOffset + structureBytes.length;
  const total = alignUp(stringsOffset + stringBytes.length);
  const header = cells([
    MAGIC,
    total,
    structureOffset,
    stringsOffset,
    HEADER_SIZE,
    VERSION,
    LAST_COMPATIBLE_VERSION,
    bootHart,
    stringBytes.length,
    structureBytes.length,
  ]);
  const blob = new Uint8Array(total);
  blob.set(header, 0);
  blob.set(structureBytes, structureOffset);
  blob.set(stringBytes, stringsOffset);
  return blob;
}
