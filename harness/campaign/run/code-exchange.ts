/**
 * Translated code that the threads of a process have in common: what one of them compiles, the others use. A thread that
 * begins is given what there is; what comes later is posted to all.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { adoptCode, type CompiledCode, compiledCount, compiledSince } from '../../../hypervisor';

const NAME = 'testvisor-code';

export class CodeExchange {
  readonly #channel = new BroadcastChannel(NAME);
  /** Modules of its own that the others have. */
  #published = compiledCount();

  /** @param code what there is by now (`compiledCode`) */
  constructor(code: readonly CompiledCode[]) {
    adoptCode(code);
    this.#channel.onmessage = ({ data }: { readonly data: unknown }): void =>
      adoptCode(data as readonly CompiledCode[]);
    // Nobody waits for code.
    this.#channel.unref();
  }

  /** Uses what others have posted meanwhile: messages come when a thread is at nothing else. */
  async receive(): Promise<void> {
    await nextTurn();
  }

  publish(): void {
    const code = compiledSince(this.#published);
    this.#published = compiledCount();
    if (code.length > 0) this.#channel.postMessage(code);
  }
}
