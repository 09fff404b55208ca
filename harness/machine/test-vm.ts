import type { FaultInfo } from '../../platform/fault-info';
import type { Vm, VmState } from '../../hypervisor';
import { AuthorError } from '../author-error';
import { requireHart } from '../faults/require-names';
import { requireSymbol } from '../faults/resolve-location';
import { type EventPattern, vmPatterns } from './event-pattern';
import { requireWholeNumber } from './require-amount';
import { TestHart } from './test-hart';
import { type Expectable, type Run, SUBJECT, type Subject } from './run';
import { type TestConsole, testConsole } from './test-console';
import { testDisk, testFlash, type TestMedium } from './test-medium';
import type { FaultyMachine } from '../faults/faulty-machine';

/** Properties of a fault to look for: `{ kind: 'trap', cause: 2 }`, also with asymmetric matchers. */
export type FaultPattern = { readonly kind?: FaultInfo['kind'] } & Readonly<Record<string, unknown>>;

/** One VM of a machine under test. */
export class TestVm<Name extends string = string> implements Expectable {
  readonly name: Name;
  /** Its UART, and what it writes by SBI calls. */
  readonly console: TestConsole;
  /** Its virtio console, where the system declares one. */
  readonly virtioConsole: TestConsole;
  readonly #machine: Run & FaultyMachine;
  /** Looked up each time: a disposed machine refuses. */
  readonly #inner: () => Vm;

  constructor(name: Name, machine: Run & FaultyMachine, inner: () => Vm) {
    this.name = name;
    this.#machine = machine;
    this.#inner = inner;
    this.console = testConsole(() => inner().console);
    this.virtioConsole = testConsole(() => inner().virtio.console);
  }

  get [SUBJECT](): Subject {
    return { is: 'vm', run: this.#machine, name: this.name };
  }

  get state(): VmState {
    return this.#inner().state;
  }

  /** 1 after boot, one more with every restart. */
  get generation(): number {
    return this.#inner().generation;
  }

  /** Its harts, by number. What the VM tells of one hart without a number is of hart 0. */
  get harts(): readonly TestHart[] {
    return this.#inner().vcpus.map((_, number) => this.hart(number));
  }

  /** One of its harts. @throws AuthorError for a number that it does not have */
  hart(number: number): TestHart {
    requireHart(`vm('${this.name}').hart(${number})`, this.#machine, this.name, number);
    return new TestHart(number, this.name, this.#machine, () => this.#inner().vcpus[number]!);
  }

  get pc(): bigint {
    return this.hart(0).pc;
  }

  /** Where the guest is: `train.c:42 in decide()`, or as near to that as its image's symbols allow. */
  get position(): string {
    return this.hart(0).position;
  }

  /** Instructions the VM has retired since the machine started, with all its harts. */
  get instructions(): number {
    return this.#inner().harts.reduce((sum, { retired }) => sum + retired, 0);
  }

  /** Clock cycles of core time the VM has used since the machine started. */
  get cycles(): number {
    return this.#inner().cyclesUsed;
  }

  /**
   * Bytes of the VM's private RAM at an address or symbol.
   * @param size in bytes; default: the symbol's size
   * @throws AuthorError for an unknown symbol, or a place whose size nothing says
   */
  read(place: string | number, size?: number): Uint8Array {
    const where = `vm('${this.name}').read()`;
    const found =
      typeof place === 'number'
        ? { address: place, size: undefined }
        : requireSymbol(where, this.#machine, this.name, place);
    return this.#inner().memory.read(
      found.address,
      requireWholeNumber(`${where}: size`, size ?? found.size, 1),
    );
  }

  /** Writes into the VM's private RAM, as a debugger would. For faults use `machine.inject`: those are recorded. */
  write(place: string | number, bytes: Uint8Array): void {
    const address =
      typeof place === 'number'
        ? place
        : requireSymbol(`vm('${this.name}').write()`, this.#machine, this.name, place).address;
    this.#inner().memory.write(address, bytes);
  }

  /** Its NOR flash, both banks of 32 MiB. */
  get flash(): TestMedium {
    return testFlash(this.name, this.#inner);
  }

  /** One of its disks, in the order of their declaration. */
  disk(number: number): TestMedium {
    return testDisk(this.#machine, this.name, number, this.#inner);
  }

  /** Until the VM crashes, by a fault as the pattern says. */
  crashed(fault?: FaultPattern): EventPattern {
    return vmPatterns.crashed(this.name, fault);
  }

  /** Until the VM has restarted. */
  restarted(): EventPattern {
    return vmPatterns.restarted(this.name);
  }

  /** Until the VM is halted. */
  halted(): EventPattern {
    return vmPatterns.halted(this.name);
  }

  /** Until the VM completes a line on one of its consoles that has this in it. */
  prints(text: string | RegExp): EventPattern {
    return vmPatterns.prints(this.name, text);
  }

  /**
   * Until the VM waits for somebody to type: the last line of one of its consoles, unfinished, ends with a text or is as an
   * expression says. What is there already does not count, only what the VM writes from now on.
   */
  prompts(text: string | RegExp): EventPattern {
    return vmPatterns.prompts(this.name, text);
  }

  /**
   * Until one of the VM's harts is about to execute the instruction at a symbol or address, as at a breakpoint: `pc`,
   * `position` and registers show where. What it is about to execute now counts once.
   * @throws AuthorError for a symbol that the image does not have, and for an odd address
   */
  reaches(place: string | number): EventPattern {
    const where = `vm('${this.name}').reaches()`;
    if (typeof place === 'string')
      return vmPatterns.reaches(
        this.name,
        place,
        requireSymbol(where, this.#machine, this.name, place).address,
      );
    return vmPatterns.reaches(this.name, hex(place), requireInstructionAddress(where, place));
  }
}

const hex = (address: number): string => `0x${address.toString(16)}`;

function requireInstructionAddress(where: string, address: number): number {
  requireWholeNumber(where, address, 0);
  if (address % 2 === 0) return address;
  throw new AuthorError({
    code: 'bad-value',
    where,
    what: `${hex(address)} is odd, and instructions are at even addresses.`,
    mend: 'Give a symbol, or an even address.',
  });
}
