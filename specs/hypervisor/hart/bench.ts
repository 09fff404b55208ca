/** A bare hart with a little RAM and a bus of its own, for specs that look at one instruction at a time. */
import { Hart } from '../../../hypervisor/hart/hart';
import type { HartHost, HartStop } from '../../../hypervisor/hart/contract';
import { Mode } from '../../../hypervisor/hart/mode';
import { MachineMemory } from '../../../hypervisor/memory/machine-memory';
import { DEFAULT_COSTS, type CostModel } from '../../../platform/costs';
import type { Profile } from '../../../platform/system';
import { MPP, MSTATUS, PMP_ADDRESS, PMP_CONFIGURATION } from './csr-numbers';

export const RAM = 0x8000_0000;
export const RAM_SIZE = 64 * 1024;
/** Where `bench` puts trap handlers of M and S, away from programs. */
export const M_HANDLER = RAM + 0x1000;
export const S_HANDLER = RAM + 0x2000;
export const MODES = { U: Mode.user, S: Mode.supervisor, M: Mode.machine } as const;
export type ModeName = keyof typeof MODES;

export interface BenchOptions {
  readonly xlen?: 32 | 64;
  readonly profile?: Profile;
  readonly costs?: CostModel;
  readonly host?: Partial<HartHost>;
}

export class Bench {
  readonly hart: Hart;
  readonly memory: MachineMemory;
  readonly xlen: 32 | 64;
  /** Cycles before the present run. */
  time = 0;

  constructor({ xlen = 32, profile = 'machine', costs = DEFAULT_COSTS, host = {} }: BenchOptions = {}) {
    this.xlen = xlen;
    this.memory = MachineMemory.create({ vms: [{ ram: RAM_SIZE }] });
    const nowhere: HartHost = {
      load: () => -1,
      store: () => false,
      isNowhere: () => host.load === undefined && host.store === undefined,
      fetch: () => -1,
      cycles: () => this.time + this.hart.cyclesRun,
      ticks: () => Math.floor((this.time + this.hart.cyclesRun) / 10),
    };
    this.hart = new Hart({
      xlen,
      profile,
      hartId: 0,
      memory: this.memory.vm(0),
      costs,
      host: { ...nowhere, ...host },
    });
    this.hart.reset(RAM, 0);
  }

  /** Writes instructions (or other words) to RAM. */
  write(address: number, ...words: number[]): this {
    const at = this.memory.vm(0).ramLinear + (address - RAM);
    words.forEach((word, index) => {
      this.memory.unsignedWords[(at >>> 2) + index] = word;
    });
    this.hart.codeChanged(address, 4 * words.length);
    return this;
  }

  word(address: number): number {
    return this.memory.unsignedWords[(this.memory.vm(0).ramLinear + (address - RAM)) >>> 2]!;
  }

  /** Runs the instructions at the pc: as many as there are, unless told otherwise. */
  execute(...instructions: number[]): HartStop {
    this.write(Number(this.hart.pc), ...instructions);
    return this.run(instructions.length);
  }

  run(instructions: number, cycles = Infinity): HartStop {
    this.time += this.hart.cyclesRun;
    return this.hart.run(cycles, instructions);
  }

  /** The mode, found out as a guest could not: by what the hart keeps beside its CSRs. */
  get mode(): ModeName {
    const found = Object.entries(MODES).find(([, mode]) => mode === this.hart.mode);
    return found![0] as ModeName;
  }

  /** Continues at an address in a mode, as MRET does; everything is permitted below M. */
  enter(mode: ModeName, address = RAM): this {
    const { hart } = this;
    hart.writeCsr(PMP_ADDRESS, (1n << 54n) - 1n);
    hart.writeCsr(PMP_CONFIGURATION, 0x1fn);
    hart.writeCsr(MSTATUS, (hart.readCsr(MSTATUS) & ~MPP) | (BigInt(MODES[mode]) << 11n));
    hart.writeCsr(0x341, BigInt(address));
    this.write(RAM + 0x3000, 0x30200073);
    hart.pc = BigInt(RAM + 0x3000);
    this.run(1);
    return this;
  }
}
