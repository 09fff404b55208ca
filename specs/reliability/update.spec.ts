/**
 * Firmware that replaces itself and loses its power at every step of it: whatever happens, it starts a whole image,
 * the old one or the new one. Two variants of the same source leave a measure out, and show what it is good for.
 */
import {
  around,
  boot,
  bytes,
  campaign,
  type CampaignDefinition,
  type CampaignReport,
  defineCampaign,
  defineSystem,
  type FaultPlan,
  faults,
  faultSpace,
  kib,
  mark,
  ms,
  type Plan,
  random,
  us,
} from 'testvisor';

jest.setTimeout(60_000);

const VARIANTS = {
  careful: '../../fixtures/bootloader/careful.elf',
  'in-place': '../../fixtures/bootloader/in-place.elf',
  trusting: '../../fixtures/bootloader/trusting.elf',
} as const;
type Variant = keyof typeof VARIANTS;
const vm = 'device';

const BANK = 0x200_0000;
/** The flash as the factory leaves it: version 1 to be started, version 2 received. */
async function delivered(): Promise<readonly Uint8Array[]> {
  const factory = await boot(
    defineSystem({ vms: { factory: { image: '../../fixtures/bootloader/factory.elf', ram: kib(64) } } }),
  );
  await factory.runUntil(factory.vm('factory').halted(), { atMost: ms(5) });
  const { flash } = factory.vm('factory');
  return [flash.read(0, kib(1024)), flash.read(BANK, kib(256))];
}

const systemOf = (variant: Variant, banks: readonly Uint8Array[]) =>
  defineSystem({
    vms: {
      device: {
        image: VARIANTS[variant],
        ram: kib(64),
        flash: { banks, programTime: us(5), eraseTime: us(100) },
        onFault: { restart: 'cold', max: 2, within: ms(100) },
      },
    },
  });
type Machine = Awaited<ReturnType<typeof boot<typeof vm, never, never>>>;

let banks: readonly Uint8Array[];
beforeAll(async () => {
  banks = await delivered();
});
void bytes;

const marksOf = ({ trace }: Pick<Machine, 'trace'>, name: string): readonly bigint[] =>
  trace.flatMap((event) => (event.kind === 'mark' && event.name === name ? [BigInt(event.value)] : []));

async function run(variant: Variant, space: ReturnType<typeof faultSpace.each>, plan?: Plan): Promise<CampaignReport> {
  const t = Date.now();
  const r = await campaign({
    name: variant,
    system: systemOf(variant, banks),
    workload: { until: (machine: Machine) => machine.vm(vm).halted(), atMost: ms(5) },
    oracle: (machine: Machine) => [...new Set(marksOf(machine, 'answer').map(String))],
    space,
    ...(plan === undefined ? {} : { plan }),
  } as never);
  console.log(variant, r.plan, r.planned, Date.now() - t, r.outcomes.filter(o => o.injections).map(o => [o.outcome, o.injections]), r.groups.slice(0,5).map(g=>[g.outcome, g.cause, g.injections]));
  return r;
}

test.each(Object.keys(VARIANTS) as Variant[])('%s', async (variant) => {
  await run(variant, faultSpace.moments({ every: us(4), faults: [faults.restart({ vm, kind: 'cold' })] }));
  const nth = (count: number, make: (nth: number) => FaultPlan[]) => faultSpace.each(Array.from({ length: count }, (_, index) => make(index + 1)).flat());
  await run(variant, nth(2, (nth) => [0.1, 0.5, 0.9].map((progress) => faults.interruptedErase({ vm, progress, nth }))));
  await run(variant, nth(45, (nth) => [0.1, 0.5, 0.9].map((progress) => faults.interruptedErase({ vm, progress, nth, operation: 'program' }))));
  await run(variant, nth(47, (nth) => [faults.silentWriteFailure({ vm, flash: true, nth })]));
  await run(variant, faultSpace.moments({ every: us(4), faults: [faults.restart({ vm, kind: 'cold' })] }), random({ count: 60, most: 4 }));
});
