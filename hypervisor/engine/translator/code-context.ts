/** What is known of a bank of fetches: of an address space, as code runs in it. */
export class CodeContext {
  /** Of the bank, and of all code, when the number was given. */
  epoch = -1;
  generation = -1;
  number = 0;
  /** Virtual to physical pages. */
  readonly pages = new Map<number, number>();
}
