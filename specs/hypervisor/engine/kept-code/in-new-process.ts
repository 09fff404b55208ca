/** A guest's run in what is as good as a new process: no module of ours has anything of runs before. */
import { join } from 'node:path';
import type * as Harness from '../../../../harness';
import type { CodeFolder, CodeFolderOptions } from '../../../../harness/cache/code-folder';
import type * as Hypervisor from '../../../../hypervisor';
import type * as Policies from '../../../../hypervisor/engine/translator/policy';

const SORTER = join(__dirname, '../../../../fixtures/sorter/sorter.elf');
const CODE = 0x8000_2000;
const CODE_SIZE = 0x400;

/** `addi` with the low half of CRC-32's polynomial. */
const isOfPolynomial = (word: number): boolean => word >>> 20 === 0x320 && (word & 0x7f) === 0x13;

export interface Start extends Partial<CodeFolderOptions> {
  /** KiB. */
  readonly ram?: number;
  /** The next version of the program: another polynomial, in one instruction. */
  readonly isChanged?: boolean;
  /** What happens to the folder while the guest runs. */
  readonly meanwhile?: () => void;
}

export interface Run {
  readonly digest: string;
  /** What was generated: the interpreter, the dispatcher, modules of the guest's code. */
  readonly made: readonly string[];
}

/** @param start without a folder nothing is kept */
export async function inNewProcess(start: Start = {}): Promise<Run> {
  let run: Run | undefined;
  await jest.isolateModulesAsync(async () => {
    const policies = jest.requireActual<typeof Policies>('../../../../hypervisor/engine/translator/policy');
    // The sorter has 2,000 instructions.
    policies.setDefaultPolicy({
      ...policies.HOT_CODE_POLICY,
      ...{ slice: 50, lookAfter: 50, warmUp: 500, pause: 0, pausePerInstruction: 0, share: 1_000_000 },
      ...{ firstBatch: 6000, largestBatch: 6000, threshold: 1_000_000, portion: Infinity },
    });
    run = await sort(start);
  });
  return run!;
}

async function sort({
  folder,
  version = 'this',
  ram = 64,
  isChanged,
  meanwhile,
  ...rest
}: Start): Promise<Run> {
  const made: string[] = [];
  const { boot, defineSystem, kib, us } = jest.requireActual<typeof Harness>('../../../../harness');
  const { keepCodeIn } = jest.requireActual<typeof Hypervisor>('../../../../hypervisor');
  const kept = folder === undefined ? undefined : folderAs({ folder, version, ...rest });
  keepCodeIn({
    load: (name) => kept?.load(name) ?? [],
    noteUse: (id) => kept?.noteUse(id),
    keep: (name, value, instead) => {
      made.push(name.split(' ', 1)[0]!);
      return kept?.keep(name, value, instead) ?? '';
    },
  });
  const machine = await boot(defineSystem({ vms: { sorter: { image: SORTER, ram: kib(ram) } } }));
  if (isChanged === true) change(machine.hypervisorMachine.vm('sorter').memory);
  await machine.runFor(us(100));
  const { digest } = machine;
  machine.dispose();
  meanwhile?.();
  kept?.flush();
  return { digest, made };
}

function folderAs(options: CodeFolderOptions): CodeFolder {
  const { CodeFolder } = jest.requireActual<{
    readonly CodeFolder: new (options: CodeFolderOptions) => CodeFolder;
  }>('../../../../harness/cache/code-folder');
  return new CodeFolder(options);
}

interface Memory {
  read(address: number, size: number): Uint8Array;
  write(address: number, bytes: Uint8Array): void;
}

function change(memory: Memory): void {
  const code = memory.read(CODE, CODE_SIZE);
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let at = 0; at + 4 <= code.length; at += 2) {
    if (!isOfPolynomial(view.getUint32(at, true))) continue;
    memory.write(CODE + at + 3, Uint8Array.of(code[at + 3]! ^ 1));
    return;
  }
  throw new Error('the sorter has no CRC');
}
