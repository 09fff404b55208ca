/** Virtual networks as a user has them: VLANs that part guests, cards that are held to a rate, captures for Wireshark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boot,
  defineSystem,
  faults,
  kib,
  ms,
  us,
  type NetworkDefinition,
  type NicDefinition,
} from 'testvisor';

type Card = Omit<NicDefinition, 'network'>;

const etherSystem = (caller: Card = {}, echo: Card = {}, lan: NetworkDefinition = {}) =>
  defineSystem({
    epoch: '2030-01-01T00:00:00Z',
    vms: {
      echo: { image: '../../fixtures/ether/echo.elf', ram: kib(256), nics: [{ network: 'lan', ...echo }] },
      caller: {
        image: '../../fixtures/ether/caller.elf',
        ram: kib(256),
        nics: [{ network: 'lan', ...caller }],
      },
    },
    networks: { lan },
  });

describe('Guests in VLANs', () => {
  test('reach each other in the same one', async () => {
    const machine = await boot(etherSystem({ vlan: 10 }, { vlan: 10 }));
    await machine.runUntil(machine.vm('caller').halted(), { atMost: ms(10) });
    expect(machine.vm('caller').console.lines).toHaveLength(3);
  });

  test('never hear of each other in different ones', async () => {
    const machine = await boot(etherSystem({ vlan: 10 }, { vlan: 20 }));
    await machine.runTo(ms(10));
    expect(machine.vm('caller').state.is).toBe('waiting');
    expect(machine.trace.filter(({ kind }) => kind === 'frame-received')).toMatchObject([{ vm: 'test' }]);
  });
});

test('A card that sends more than its rate loses what goes over, and its neighbours hear the rest', async () => {
  const machine = await boot(etherSystem({ rate: { messages: 1, per: ms(5) } }));
  await machine.runTo(ms(10));
  expect(machine.trace.filter(({ kind }) => kind === 'frame-dropped')).toMatchObject([
    { vm: 'caller', why: 'over-rate' },
  ]);
  expect(machine.vm('caller').console.lines).toHaveLength(1);
});

/** The blocks of a pcapng file, by their types. */
function blocksOf(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const blocks: { readonly type: number; readonly body: DataView }[] = [];
  for (let at = 0; at < file.length;) {
    const length = view.getUint32(at + 4, true);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
    const body = new DataView(file.buffer, file.byteOffset + at + 8, length - 12);
    blocks.push({ type: view.getUint32(at, true), body });
    at += length;
  }
  return blocks;
}

describe('A capture', () => {
  const captured = async (lan?: NetworkDefinition) => {
    const machine = await boot(etherSystem({}, {}, lan));
    machine.inject(faults.corruptFrame({ network: 'lan', nth: 2, offset: 15, mask: 1 }));
    await machine.runUntil(machine.vm('caller').halted(), { atMost: ms(10) });
    return machine;
  };

  test('has an interface for every card, and every frame whole with its virtual time', async () => {
    const machine = await captured();
    const lan = machine.network('lan');
    const blocks = blocksOf(lan.capture());
    expect(blocks.map(({ type }) => type)).toEqual([0x0a0d0d0a, 1, 1, 1, ...lan.frames.map(() => 6)]);
    const packets = blocks.filter(({ type }) => type === 6).map(({ body }) => body);
    const epoch = BigInt(Date.UTC(2030, 0, 1)) * 1_000_000n;
    expect(
      packets.map((packet) => ({
        interface: packet.getUint32(0, true),
        at: Number((BigInt(packet.getUint32(4, true)) << 32n) + BigInt(packet.getUint32(8, true)) - epoch),
        length: packet.getUint32(16, true),
      })),
    ).toEqual(
      lan.frames.map(({ sender, at, bytes }) => ({
        interface: sender === 'echo' ? 0 : 1,
        at,
        length: bytes.length,
      })),
    );
  });

  test('has as many frames as the network declares to keep', async () => {
    const machine = await captured({ framesKept: 2 });
    expect(machine.network('lan').frames.map(({ sequence }) => sequence)).toEqual([5, 6]);
    expect(blocksOf(machine.network('lan').capture())).toHaveLength(1 + 3 + 2);
  });

  const isInstalled = spawnSync('tshark', ['--version']).status === 0;
  (isInstalled ? test : test.skip)('is read by tshark as what it is', async () => {
    const machine = await captured({ latency: us(100) });
    const folder = mkdtempSync(join(tmpdir(), 'testvisor-capture-'));
    try {
      const file = join(folder, 'lan.pcapng');
      machine.network('lan').saveCapture(file);
      expect(readFileSync(file)).toEqual(Buffer.from(machine.network('lan').capture()));
      const fields = ['frame.interface_name', 'eth.src', 'frame.len', 'frame.time_epoch', 'frame.comment'];
      const { stdout } = spawnSync(
        'tshark',
        ['-r', file, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])],
        { encoding: 'utf8' },
      );
      const lines = stdout.trim().split('\n');
      const seconds = Date.UTC(2030, 0, 1) / 1000;
      expect(lines).toEqual(
        machine.network('lan').frames.map(({ sender, from, bytes, at, sequence }) => {
          const time = `${seconds}.${String(at).padStart(9, '0')}`;
          const comment =
            sequence === 2 ? 'frame 2; what arrives of it is as fault 1 made it' : `frame ${sequence}`;
          return [sender, from, bytes.length, time, comment].join('|');
        }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
