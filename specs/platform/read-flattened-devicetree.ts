/** An independent reader of flattened devicetrees for specs: properties as raw bytes. */
export interface ReadNode {
  readonly properties: Readonly<Record<string, Uint8Array>>;
  readonly children: Readonly<Record<string, ReadNode>>;
}

export function readFlattenedDevicetree(blob: Uint8Array): ReadNode {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const header = (index: number) => view.getUint32(index * 4);
  if (header(0) !== 0xd00dfeed || header(1) !== blob.length) throw new Error('not a devicetree blob');
  const textAt = (offset: number) => {
    const end = blob.indexOf(0, offset);
    return new TextDecoder().decode(blob.subarray(offset, end));
  };
  let at = header(2);
  const token = () => {
    at += 4;
    return view.getUint32(at - 4);
  };
  const align = () => {
    at = Math.ceil(at / 4) * 4;
  };
  const node = (): [string, ReadNode] => {
    const name = textAt(at);
    at += name.length + 1;
    align();
    const properties: Record<string, Uint8Array> = {};
    const children: Record<string, ReadNode> = {};
    for (;;) {
      const next = token();
      if (next === 2) return [name, { properties, children }];
      if (next === 1) {
        const [childName, child] = node();
        children[childName] = child;
      } else if (next === 3) {
        const length = token();
        const property = textAt(header(3) + token());
        properties[property] = blob.slice(at, at + length);
        at += length;
        align();
      } else throw new Error(`unexpected token ${next}`);
    }
  };
  if (token() !== 1) throw new Error('no root');
  const [, root] = node();
  if (token() !== 9 || at !== header(2) + header(9)) throw new Error('no end');
  return root;
}
