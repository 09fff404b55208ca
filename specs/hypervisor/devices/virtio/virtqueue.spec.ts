import { DESCRIPTOR_FLAGS } from '../../../../platform/virtio/transport';
import { Virtqueue } from '../../../../hypervisor/devices/virtio/virtqueue';
import { FakeRam } from './fake-ram';

const SIZE = 4;
const [TABLE, AVAILABLE, USED, BUFFER] = [0, 0x100, 0x200, 0x1000];

/** A ready queue whose four descriptors are a buffer of 16 bytes each. */
function ready(eventIndex = false) {
  const ram = new FakeRam(0x2000);
  const violations: string[] = [];
  let interrupts = 0;
  const queue = new Virtqueue({
    dma: ram,
    eventIndex: () => eventIndex,
    indirectDescriptors: () => false,
    interrupt: () => interrupts++,
    violated: (violation) => violations.push(violation),
  });
  queue.size = SIZE;
  [TABLE, AVAILABLE, USED].forEach((at, part) => queue.setAddress(2 * part, ram.base + at));
  for (let index = 0; index < SIZE; index++) {
    ram.store32(ram.base + TABLE + 16 * index, ram.base + BUFFER + 16 * index);
    ram.store32(ram.base + TABLE + 16 * index + 8, 16);
    ram.store16(ram.base + TABLE + 16 * index + 12, DESCRIPTOR_FLAGS.write);
  }
  expect(queue.enable()).toBeUndefined();
  return {
    queue,
    violations,
    interrupts: () => interrupts,
    offer: (head: number) => {
      const index = ram.load16(ram.base + AVAILABLE + 2);
      ram.store16(ram.base + AVAILABLE + 4 + 2 * (index % SIZE), head);
      ram.store16(ram.base + AVAILABLE + 2, index + 1);
    },
    usedIndex: () => ram.load16(ram.base + USED + 2),
    usedHead: (entry: number) => ram.load32(ram.base + USED + 4 + 8 * (entry % SIZE)),
    availableEvent: () => ram.load16(ram.base + USED + 4 + 8 * SIZE),
    setUsedEvent: (index: number) => ram.store16(ram.base + AVAILABLE + 4 + 2 * SIZE, index),
  };
}

describe('A split virtqueue', () => {
  it('hands out what is offered, in order, and takes it back in any', () => {
    const { queue, offer, usedHead, usedIndex } = ready();
    [2, 0, 3].forEach(offer);
    const chains = [queue.take()!, queue.take()!, queue.take()!];
    expect(chains.map(({ head }) => head)).toEqual([2, 0, 3]);
    expect(queue.take()).toBeUndefined();
    for (const chain of [...chains].reverse()) queue.give(chain, 16);
    expect([usedIndex(), usedHead(0), usedHead(1), usedHead(2)]).toEqual([3, 3, 0, 2]);
  });

  it('goes around the ring and around 2^16 indices', () => {
    const { queue, offer, usedIndex, availableEvent } = ready(true);
    for (let round = 0; round < 2 ** 16 + 5; round++) {
      offer(round % SIZE);
      const chain = queue.take()!;
      if (chain.head !== round % SIZE) throw new Error(`round ${round} took ${chain.head}`);
      queue.give(chain, 0);
    }
    expect([usedIndex(), availableEvent()]).toEqual([5, 5]);
  });

  it('gives out no more than it has descriptors, though the driver offers some again', () => {
    const { queue, offer, violations } = ready();
    for (let taken = 0; taken < SIZE; taken++) {
      offer(1);
      queue.take();
    }
    offer(1);
    expect(queue.take()).toBeUndefined();
    expect(violations).toEqual(['it has more buffers under way than descriptors']);
  });

  it('interrupts where the event index asks for it, and nowhere else', () => {
    const { queue, offer, interrupts, setUsedEvent } = ready(true);
    setUsedEvent(2);
    const counts = [0, 1, 2, 3].map((head) => {
      offer(head);
      queue.give(queue.take()!, 0);
      return interrupts();
    });
    expect(counts).toEqual([0, 0, 1, 1]);
  });

  it('leaves memory alone once it is disabled, and goes on from a saved state', () => {
    const { queue, offer, usedIndex } = ready();
    offer(0);
    offer(1);
    const chain = queue.take()!;
    const state = queue.save();
    queue.disable();
    queue.give(chain, 16);
    expect([queue.take(), queue.hasWork, usedIndex()]).toEqual([undefined, false, 0]);
    queue.restore(state);
    expect(queue.hasWork).toBe(true);
    queue.give(chain, 16);
    expect([queue.take()!.head, usedIndex()]).toEqual([1, 1]);
  });
});
