import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { boot } from '../../machine/boot';
import { receiveVms } from '../../migration/receive-vms';
import { serveMachine } from '../../remote/server';
import { type ImageOptions, loadSystem } from '../load-system';
import { untilStopped } from '../until-stopped';

interface ServeOptions extends ImageOptions {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly receive?: number;
}

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
};

/** The environment variable that holds the token. */
const TOKEN = 'TESTVISOR_TOKEN';

/** `testvisor serve FILE`: boots a system and lets others manage it over HTTP, until it is interrupted. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('Boots an image or a system, and serves it for management over HTTP and JSON.')
    .argument('<file>', 'an image, or a module that exports a system')
    .option('--port <number>', 'where to listen (default: any that is free)', whole, 0)
    .option('--host <address>', 'on which address; others than this host are let in by no other', '127.0.0.1')
    .option('--seed <number>', 'seeds everything random', whole, 1)
    .option('--receive <port>', 'let VMs of other machines move in there (0: any port that is free)', whole)
    .addHelpText(
      'after',
      `
The token that clients must know is ${TOKEN}, or else a new one, which is printed.
Virtual time passes only on request: POST /machine/run {"for": 1000000}.
GET /openapi.json describes everything.`,
    )
    .action(async (file: string, { port, host, seed, receive, ...ofImage }: ServeOptions) => {
      const given = process.env[TOKEN];
      const token = given ?? randomBytes(24).toString('base64url');
      const machine = await boot(await loadSystem(file, ofImage), { seed });
      const served = await serveMachine(machine, { token, port, host });
      if (given === undefined) process.stdout.write(`token: ${token}\n`);
      const receiver =
        receive === undefined ? undefined : await receiveVms(machine, { token, port: receive, host });
      if (receiver !== undefined)
        process.stdout.write(`receiving VMs at ${receiver.host}:${receiver.port}\n`);
      process.stdout.write(`serving ${file} at ${served.url}\n`);
      await untilStopped();
      await receiver?.close();
      await served.close();
      machine.dispose();
    });
