/** Guests on a virtual network, in two machines: the echo has moved, the caller asks for it when the spec starts it. */
import {
  boot,
  defineSystem,
  kib,
  linkMachines,
  migrate,
  ms,
  type NetworkDefinition,
  type NicDefinition,
  receiveVms,
  type TestMachine,
  type TraceEvent,
  us,
  type VmReceiver,
} from 'testvisor';

export const TOKEN = 'a token that nobody guesses';
export const LATENCY = us(100);

type Card = Omit<NicDefinition, 'network'>;
export interface Cards {
  readonly caller?: Card;
  readonly echo?: Card;
  readonly lan?: NetworkDefinition;
  readonly cores?: number;
}

const ether = ({ caller = {}, echo = {}, lan = {}, cores = 1 }: Cards, autostart: boolean) =>
  defineSystem(
    {
      cores,
      vms: {
        echo: {
          image: '../../fixtures/ether/echo.elf',
          ram: kib(256),
          nics: [{ network: 'lan', ...echo }],
          autostart,
          onFault: { restart: 'cold' },
          core: cores - 1,
        },
        caller: {
          image: '../../fixtures/ether/caller.elf',
          ram: kib(256),
          nics: [{ network: 'lan', ...caller }],
          autostart: false,
        },
      },
      networks: { lan },
    },
    { relativeTo: __dirname },
  );
/** Where the other machine is in another process. */
export const destination = ether({}, false);

export type Ether = TestMachine<'echo' | 'caller', ReturnType<typeof ether>['channels'], 'lan'>;

type Kind = Extract<TraceEvent, { readonly network: string }>['kind'];
/** Who sent, received or lost which frames; numbers are those of the machine. */
export const framesOf = (machine: Ether, kind: Kind) =>
  machine.trace.flatMap((event) =>
    event.kind === kind ? [`${event.vm} ${'why' in event ? event.why : event.sequence}`] : [],
  );
/** Frames that have reached the switch, and who sent them. */
export const contents = (machine: Ether) =>
  machine.network('lan').frames.map(({ sender, bytes }) => `${sender} ${Buffer.from(bytes).toString('hex')}`);

const receivers: VmReceiver[] = [];
/** Nobody moves in any more. */
export const closeAll = async (): Promise<void> => {
  for (const receiver of receivers.splice(0)) await receiver.close();
};

/** The echo has moved from `here` to `there`; `link` lets both go on together. */
export async function parted(cards: Cards = {}) {
  const [here, there]: [Ether, Ether] = [await boot(ether(cards, true)), await boot(ether(cards, false))];
  const receiver = await receiveVms(there, { token: TOKEN });
  receivers.push(receiver);
  await here.runTo(ms(1));
  const link = async (port = receiver.port, latency = LATENCY) => {
    const moved = await migrate(here, 'echo', { to: { port: receiver.port }, token: TOKEN });
    return linkMachines(here, moved, { to: { port }, token: TOKEN, latency, patience: 2000 });
  };
  return { here, there, receiver, link };
}
