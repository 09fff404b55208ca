/**
 * The laws of every device: a hostile driver never harms it, its state is plain data, and a device restored
 * from a state behaves as the one that was saved. `deviceLaws` states them as specs.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { ACCESS_FAULT, type AccessSize, type Device } from '../../../hypervisor/devices/device';
import type { Random } from '../../../platform/random';
import { type FakeVm } from '../devices/fake-vm';

/** A device with what surrounds it. */
export interface Bench {
  readonly device: Device;
  readonly vm: FakeVm;
  /** What else than `device.save()` belongs to the state (a console). */
  readonly surroundings?: { save(): unknown; restore(state: never): void };
  /** The device's random numbers, which a reset does not begin again. */
  readonly random?: Random;
  /** Input from outside of the VM. */
  readonly stimulate?: (value: number) => void;
}

type Step =
  | { readonly do: 'load'; readonly offset: number; readonly size: AccessSize }
  | { readonly do: 'store'; readonly offset: number; readonly size: AccessSize; readonly value: number }
  | { readonly do: 'pass'; readonly cycles: number }
  | { readonly do: 'stimulate'; readonly value: number };

/** Offsets: the device's own registers most of the time, anything else now and then. */
const steps = (offsets: readonly number[]): fc.Arbitrary<readonly Step[]> => {
  const offset = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...offsets) }, fc.nat(0x1_0000));
  const size = fc.constantFrom<AccessSize>(1, 2, 4);
  const value = fc.oneof(fc.integer(), fc.nat(0xff), fc.constantFrom(0, -1, 0x5555, 0x7777, 0x1234_3333));
  return fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('load' as const), offset, size }),
      fc.record({ do: fc.constant('store' as const), offset, size, value }),
      fc.record({ do: fc.constant('pass' as const), cycles: fc.oneof(fc.nat(1000), fc.nat(10_000_000)) }),
      fc.record({ do: fc.constant('stimulate' as const), value: fc.nat(0xffff) }),
    ),
    { maxLength: 120, size: 'max' },
  );
};

/** Does a step and returns all that can be observed of it. */
function perform(bench: Bench, step: Step): unknown {
  const { device, vm } = bench;
  const stopsBefore = vm.stopsRequested;
  const answer = ((): unknown => {
    switch (step.do) {
      case 'load':
        return device.load(step.offset - (step.offset % step.size), step.size);
      case 'store':
        return device.store(step.offset - (step.offset % step.size), step.size, step.value);
      case 'pass':
        return pass(bench, step.cycles);
      case 'stimulate':
        return bench.stimulate?.(step.value);
    }
  })();
  return {
    answer,
    lines: vm.raisedLines,
    nextEventAt: device.nextEventAt(),
    stopped: vm.stopsRequested > stopsBefore,
    state: device.save(),
    surroundings: bench.surroundings?.save(),
  };
}

/** Lets time pass as a VM does: from event to event. Returns when the events were. */
function pass({ device, vm }: Bench, cycles: number): readonly number[] {
  const end = vm.now + cycles;
  const events: number[] = [];
  for (let at = device.nextEventAt(); at <= end; at = device.nextEventAt()) {
    vm.now = Math.max(vm.now, at);
    device.advance(vm.now);
    events.push(vm.now);
    if (events.length > 1000) throw new Error(`${device.name} has no end of events at cycle ${vm.now}`);
  }
  vm.now = end;
  device.advance(end);
  return events;
}

export function deviceLaws(build: () => Bench, offsets: readonly number[]): void {
  it('answers every access of a hostile driver with a value that fits, or a fault', () => {
    fc.assert(
      fc.property(steps(offsets), (run) => {
        const bench = build();
        for (const step of run) {
          const { answer } = perform(bench, step) as { answer: unknown };
          if (step.do === 'load') {
            expect(Number.isInteger(answer)).toBe(true);
            expect(answer).toBeGreaterThanOrEqual(ACCESS_FAULT);
            expect(answer).toBeLessThan(2 ** (8 * step.size));
          }
          if (step.do === 'store') expect(typeof answer).toBe('boolean');
        }
      }),
    );
  });

  it('changes nothing at an access that it refuses', () => {
    fc.assert(
      fc.property(steps(offsets), (run) => {
        const bench = build();
        for (const step of run) {
          const before = bench.device.save();
          const { answer } = perform(bench, step) as { answer: unknown };
          const refused = (step.do === 'load' && answer === ACCESS_FAULT) || (step.do === 'store' && !answer);
          if (refused) expect(bench.device.save()).toEqual(before);
        }
      }),
    );
  });

  it('goes on after save and restore as if nothing had happened', () => {
    fc.assert(
      fc.property(steps(offsets), steps(offsets), steps(offsets), (before, after, elsewhere) => {
        const saved = build();
        for (const step of before) perform(saved, step);
        const kept = saved.device.save();
        const state = structuredClone(kept);
        const surroundings = structuredClone(saved.surroundings?.save());

        // Restored into a device with a past of its own, which must not show.
        const restored = build();
        for (const step of elsewhere) perform(restored, step);
        restored.vm.now = saved.vm.now;
        restored.surroundings?.restore(surroundings as never);
        restored.device.restore(kept);
        expect(restored.device.save()).toEqual(state);
        expect(restored.vm.raisedLines).toEqual(saved.vm.raisedLines);

        for (const step of after) {
          const [expected, actual] = [perform(saved, step), perform(restored, step)];
          // `isDeepStrictEqual` first: it is much quicker than Jest's comparison.
          if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
        }
        // Neither device has touched it.
        expect(kept).toEqual(state);
      }),
    );
  });

  it('is as new after a reset', () => {
    fc.assert(
      fc.property(steps(offsets), (run) => {
        const used = build();
        for (const step of run) perform(used, step);
        used.device.reset();
        const fresh = build();
        fresh.vm.now = used.vm.now;
        if (used.random !== undefined) fresh.random!.restore(used.random.save());
        expect(used.device.save()).toEqual(fresh.device.save());
        expect(used.device.nextEventAt()).toBe(fresh.device.nextEventAt());
        expect(used.vm.raisedLines).toEqual([]);
      }),
    );
  });
}
