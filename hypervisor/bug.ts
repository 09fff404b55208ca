/** What we do wrong: stops the run. A guest's wrongdoing is a value, a test author's an error of its own. */
export class HypervisorBug extends Error {
  override readonly name = 'HypervisorBug';
}
