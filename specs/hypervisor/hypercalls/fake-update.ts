/** An update that does what it is told, in the place of the machine's. */
import type { UpdateView } from '../../../hypervisor/hypercalls/context';

export class FakeUpdate implements UpdateView {
  stage: UpdateView['stage'] = { is: 'none' };
  last: UpdateView['last'] = { result: 'none' };
  record = { sequence: 0, slot: 0, onTrial: false };
  isOffered = true;
  /** What the next calls find. */
  problem: ReturnType<UpdateView['announce']>;
  received: ReturnType<UpdateView['receive']> = 0;
  activated: ReturnType<UpdateView['activate']> = 'not-receiving';
  isUnderWay = false;
  isTested = false;
  isAwaited = false;
  handOver: Uint8Array = new Uint8Array(0);
  readonly done: string[] = [];

  announce(size: number, by: string): ReturnType<UpdateView['announce']> {
    this.done.push(`announce ${size} ${by}`);
    return this.problem;
  }

  receive(offset: number, bytes: Uint8Array): ReturnType<UpdateView['receive']> {
    this.done.push(`receive ${offset} ${bytes.join(',')}`);
    return this.received;
  }

  activate(): ReturnType<UpdateView['activate']> {
    return this.activated;
  }

  abort(by: string): boolean {
    this.done.push(`abort ${by}`);
    return this.isUnderWay;
  }

  selfTested(passed: boolean): boolean {
    this.done.push(`self-tested ${passed}`);
    return this.isTested;
  }

  offer(state: Uint8Array): boolean {
    this.done.push(`offer ${state.join(',')}`);
    return this.isAwaited;
  }

  takeHandOver(): Uint8Array {
    return this.handOver;
  }
}
