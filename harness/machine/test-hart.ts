import { type HartState, registerNumber, type Vm } from '../../hypervisor';
import { requireRegister } from '../faults/resolve-location';
import { placeText } from '../report/fault-text';
import { requireVisible } from './require-visible';
import type { Run } from './run';

/** One hart of a VM under test. */
export class TestHart {
  /** Its number within the VM. */
  readonly number: number;
  readonly #run: Run;
  readonly #vm: string;
  readonly #of: Pick<Vm, 'name' | 'definition'>;
  /** Looked up each time: a disposed machine refuses. */
  readonly #inner: () => Vm['vcpus'][number];

  constructor(
    number: number,
    vm: Pick<Vm, 'name' | 'definition'>,
    run: Run,
    inner: () => Vm['vcpus'][number],
  ) {
    this.number = number;
    this.#vm = vm.name;
    this.#of = vm;
    this.#run = run;
    this.#inner = inner;
  }

  /** What it does while its VM runs. */
  get state(): HartState {
    return this.#inner().state;
  }

  get pc(): bigint {
    return this.#inner().hart.pc;
  }

  /** Where it is: `train.c:42 in decide()`, or as near to that as the image's symbols allow. */
  get position(): string {
    return placeText(this.#run, this.#vm, this.pc);
  }

  /** Instructions it has retired since the machine started. */
  get instructions(): number {
    return this.#inner().hart.retired;
  }

  /**
   * What a register holds, as an unsigned number.
   * @param name ABI name (`sp`, `a0`), number name (`x2`) or `pc`
   * @throws AuthorError for any other, and for all but `pc` of a VM that is `confidential`
   */
  register(name: string): bigint {
    const where = `vm('${this.#vm}').hart(${this.number}).register()`;
    const register = requireRegister(where, name);
    if (register !== 'pc') requireVisible(where, this.#of);
    return register === 'pc' ? this.pc : this.#inner().hart.readRegister(registerNumber(register));
  }
}
