import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { createSigningKey, signImage } from '../../signing/sign-image';

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
};

interface SignOptions {
  readonly key: string;
  readonly product: string;
  readonly version: number;
  readonly counter: number;
  readonly out?: string;
}

/** `testvisor keygen FILE`: a pair of Ed25519 keys. */
export const keygenCommand = (): Command =>
  new Command('keygen')
    .description('Makes an Ed25519 key to sign images with, and prints its public key for trustedKeys.')
    .argument('<file>', 'where the private key goes (PEM); a file that is there is not overwritten')
    .action((file: string) => {
      const { privateKey, publicKey } = createSigningKey();
      writeFileSync(file, privateKey, { flag: 'wx', mode: 0o600 });
      process.stdout.write(`${publicKey}\n`);
    });

/** `testvisor sign FILE`: the image with a signed manifest. */
export const signCommand = (): Command =>
  new Command('sign')
    .description('Signs an image for VMs with secure boot.')
    .argument('<image>', 'an ELF file, or another that a VM boots')
    .requiredOption('--key <file>', 'the private key, as keygen has written it')
    .requiredOption('--product <name>', 'what it is for: the name of the VM, unless that asks for another')
    .requiredOption('--version <number>', 'of the software', whole)
    .option('--counter <number>', 'raise it when older images must never run again', whole, 0)
    .option(
      '--out <file>',
      'where the signed image goes (default: beside the image, with .signed at its end)',
    )
    .action((image: string, { key, product, version, counter, out = `${image}.signed` }: SignOptions) => {
      const claims = { product, version, rollbackCounter: counter };
      writeFileSync(out, signImage(readFileSync(image), claims, readFileSync(key, 'utf8')));
      process.stdout.write(`${out}\n`);
    });
