/**
 * V8 optimises each function of JavaScript that runs for some milliseconds, in threads of its own. In a process that ends
 * after a second that seldom pays, and what it takes is half as much again as the guest: processors, and the same
 * threads, for which the guest's own code waits.
 */
import { setFlagsFromString } from 'node:v8';

interface Flag {
  readonly name: string;
  readonly default: number;
}

/** When a function is optimised, by V8's version, where it gains: with Node 24's it does not. */
const FLAGS: Readonly<Record<string, Flag>> = {
  11: { name: 'interrupt-budget', default: 67_584 },
  12: { name: 'invocation-count-for-turbofan', default: 3000 },
};

/** What runs for longer than a second comes to this, too. */
const TIMES_LATER = 9;

/** Does something with V8 optimising late. The flags are as before then: what V8 has compiled is kept with their checksum. */
export async function optimizingLater<Result>(does: () => Promise<Result>): Promise<Result> {
  const flag = FLAGS[process.versions.v8.split('.')[0]!];
  if (flag === undefined) return does();
  setFlagsFromString(`--${flag.name}=${TIMES_LATER * flag.default}`);
  try {
    return await does();
  } finally {
    setFlagsFromString(`--${flag.name}=${flag.default}`);
  }
}
