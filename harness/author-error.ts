/** What a test author can do wrong with a machine, a fault or an expectation, one code each. */
export type AuthorErrorCode =
  | 'unknown-vm'
  | 'unknown-channel'
  | 'unknown-register'
  | 'unknown-symbol'
  | 'unknown-hart'
  | 'unknown-disk'
  | 'unknown-network'
  | 'unknown-schedule'
  | 'bit-out-of-range'
  | 'outside-ram'
  | 'bad-fault'
  | 'unknown-option'
  | 'no-location'
  | 'several-locations'
  | 'no-bits'
  | 'several-triggers'
  | 'bad-trigger'
  | 'trigger-in-the-past'
  | 'bad-amount'
  | 'bad-campaign'
  | 'bad-value'
  | 'bad-seed'
  | 'no-caller-directory'
  | 'unknown-image'
  | 'not-an-end'
  | 'wrong-channel-kind'
  | 'machine-disposed'
  | 'bad-limit'
  | 'bad-expectation'
  | 'wrong-state'
  | 'not-updatable'
  | 'over-limit'
  | 'bad-snapshot'
  | 'bad-storage'
  | 'storage-not-written'
  | 'other-vm'
  | 'other-image'
  | 'confidential'
  | 'lock-held'
  | 'later-snapshot'
  | 'migration-broken'
  | 'migration-refused'
  | 'migration-in-doubt'
  | 'link-broken'
  | 'link-refused'
  | 'other-crossings'
  | 'bad-store'
  | 'other-campaign'
  | 'store-in-use'
  | 'store-failed'
  | 'report-not-written'
  | 'no-redis';

export interface AuthorProblem {
  readonly code: AuthorErrorCode;
  /** The call or property that is wrong: `faults.bitFlip({ register })`. */
  readonly where: string;
  /** One sentence: what is wrong. */
  readonly what: string;
  /** What the test author does about it. */
  readonly mend: string;
}

/**
 * A test author's mistake. The message says where, what, and how to mend it. Tell mistakes apart by `code`:
 * `instanceof` does not hold between Jest's realms.
 */
export class AuthorError extends Error {
  override readonly name = 'AuthorError';
  readonly code: AuthorErrorCode;

  constructor({ code, where, what, mend }: AuthorProblem) {
    super(`${where}: ${what}\n  mend:  ${mend}`);
    this.code = code;
  }
}
