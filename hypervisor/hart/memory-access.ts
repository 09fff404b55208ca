/**
 * What engines ask of the hart about single accesses: those outside of private RAM go to the host's bus, those
 * inside that memory protection may deny are looked at. Hot for guests that drive devices; nothing allocates.
 */
import { Intent, type EngineHost } from '../engine/engine-contract';
import { Access } from '../engine/step-contract';
import { Cause } from './causes';
import type { HartHost } from './contract';
import { ACCESS_ADDRESS, ACCESS_DATA, TRAP_CAUSE, TRAP_VALUE } from './layout';
import type { Protection } from './protection';
import { Pmp } from './pmp-csrs';
import type { Registers } from './registers';

type AccessSize = 1 | 2 | 4 | 8;

const ADDRESS = ACCESS_ADDRESS >> 2;
const DATA = ACCESS_DATA >> 2;
const VALUE = TRAP_VALUE >> 2;
const CAUSE = TRAP_CAUSE >> 2;
const FAULT = -1;

export class MemoryAccess implements EngineHost {
  /** The run ends after the instruction in progress. */
  stopRequested = false;
  readonly #words: Uint32Array;
  readonly #host: HartHost;
  readonly #protection: Protection;

  constructor(registers: Registers, host: HartHost, protection: Protection) {
    this.#words = registers.words;
    this.#host = host;
    this.#protection = protection;
  }

  load(size: AccessSize): Access {
    const words = this.#words;
    const address = words[ADDRESS]!;
    if (words[ADDRESS + 1] !== 0 || !this.#protection.permitsData(address, size, Pmp.read)) {
      return this.#trap(Cause.loadAccessFault);
    }
    const low = this.#host.load(address, size === 8 ? 4 : size);
    if (low === FAULT) return this.#trap(Cause.loadAccessFault);
    let high = 0;
    if (size === 8) {
      high = this.#host.load(address + 4, 4);
      if (high === FAULT) return this.#trap(Cause.loadAccessFault);
    }
    words[DATA] = low;
    words[DATA + 1] = high;
    return this.#done();
  }

  store(size: AccessSize): Access {
    const words = this.#words;
    const address = words[ADDRESS]!;
    if (words[ADDRESS + 1] !== 0 || !this.#protection.permitsData(address, size, Pmp.write)) {
      return this.#trap(Cause.storeAccessFault);
    }
    const low = words[DATA]!;
    const high = words[DATA + 1]!;
    if (!this.#host.store(address, size === 8 ? 4 : size, low)) return this.#trap(Cause.storeAccessFault);
    if (size === 8 && !this.#host.store(address + 4, 4, high)) return this.#trap(Cause.storeAccessFault);
    return this.#done();
  }

  permit(size: AccessSize, intent: Intent): Access {
    const address = this.#words[ADDRESS]!;
    if ((intent & Intent.write) !== 0 && !this.#protection.permitsData(address, size, Pmp.write)) {
      return this.#trap(Cause.storeAccessFault);
    }
    if ((intent & Intent.read) !== 0 && !this.#protection.permitsData(address, size, Pmp.read)) {
      // An AMO that may not read faults as a store (unprivileged architecture, Zaamo).
      return this.#trap(intent === Intent.read ? Cause.loadAccessFault : Cause.storeAccessFault);
    }
    return Access.done;
  }

  #done(): Access {
    return this.stopRequested ? Access.attention : Access.done;
  }

  /** The value of an access fault is the address. */
  #trap(cause: number): Access {
    const words = this.#words;
    words[CAUSE] = cause;
    words[VALUE] = words[ADDRESS]!;
    words[VALUE + 1] = words[ADDRESS + 1]!;
    return Access.trap;
  }
}
