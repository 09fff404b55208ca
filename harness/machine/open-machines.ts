/**
 * Machines that a test has open. The list hangs on the global object, where Jest's environment, which lives in
 * another realm, finds it and disposes of what a test leaves behind.
 */
export interface Disposable {
  dispose(): void;
}

const KEY: unique symbol = Symbol.for('testvisor.open-machines') as never;
interface Holder {
  [KEY]?: Set<Disposable>;
}

export function openMachines(global: object = globalThis): Set<Disposable> {
  return ((global as Holder)[KEY] ??= new Set());
}
