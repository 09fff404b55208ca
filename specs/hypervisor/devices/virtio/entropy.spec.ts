import { benchWith, entropy } from './bench';
import type { Queue } from './driver';

function draw(bench: ReturnType<typeof benchWith>, ...rooms: readonly number[]): readonly string[] {
  const driver = bench.driver();
  const [queue] = driver.start(1) as [Queue];
  return rooms.map((room) => {
    const [at] = queue.send({ room });
    bench.pass(room);
    expect(queue.collect().map(({ written }) => written)).toEqual([room]);
    return Buffer.from(driver.bytes(at!, room)).toString('hex');
  });
}

describe('A virtio source of entropy', () => {
  it('fills buffers with bytes that follow from the seed', () => {
    const [first, second] = draw(benchWith(entropy(7)), 16, 16);
    expect(first).not.toBe(second);
    expect(draw(benchWith(entropy(7)), 16, 16)).toEqual([first, second]);
    expect(draw(benchWith(entropy(8)), 16)).not.toEqual([first]);
  });

  it('goes on where it was after save and restore', () => {
    const [original, copy] = [benchWith(entropy(7)), benchWith(entropy(7))];
    draw(original, 100);
    copy.slots.restore(original.slots.save());
    copy.driver().write('status', 0);
    original.slots.restore(copy.slots.save());
    expect(draw(copy, 8)).toEqual(draw(original, 8));
  });

  it('goes on where it was after a reset, by the driver or of the whole VM', () => {
    const [whole, reset] = [benchWith(entropy(7)), benchWith(entropy(7))];
    const drawn = draw(whole, 16, 16, 16);
    const first = draw(reset, 16);
    reset.driver().write('status', 0);
    const second = draw(reset, 16);
    reset.slots.reset();
    expect([...first, ...second, ...draw(reset, 16)]).toEqual(drawn);
  });

  it('gives less than is asked for where that is very much', () => {
    const bench = benchWith(entropy());
    const [queue] = bench.driver().start(1) as [Queue];
    queue.send({ room: 0x2_0000 });
    bench.pass(100_000);
    expect(queue.collect()).toEqual([{ head: 0, written: 0x1_0000 }]);
  });
});
