/** How an update stands, and what became of the last one: names, and their numbers for guests. */

/** Where an update is. */
export const UPDATE_STAGES = {
  /** None is under way. */
  none: 0,
  /** Chunks of the image are awaited. */
  receiving: 1,
  /** The image is whole and right, and is being loaded into the shadow VM. */
  staging: 2,
  /** It tests itself there. */
  'self-test': 3,
  /** It has passed; the boot record is written, and the quiescent point awaited. */
  switching: 4,
  /** It runs in the VM, and is watched. */
  probation: 5,
} as const;
export type UpdateStage = keyof typeof UPDATE_STAGES;

/** What became of the last update that has ended. */
export const UPDATE_RESULTS = {
  /** There was none. */
  none: 0,
  /** The VM has the new image for good. */
  confirmed: 1,
  /** The new image never ran in the VM. */
  failed: 2,
  /** It did, and the old one is back. */
  'rolled-back': 3,
} as const;
export type UpdateResult = keyof typeof UPDATE_RESULTS;

/** Why an update came to nothing. */
export const UPDATE_FAILURES = {
  none: 0,
  /** Whoever may has given it up. */
  aborted: 1,
  /** Secure boot does not let the VM start it. */
  rejected: 2,
  /** It is no image. */
  unreadable: 3,
  /** It is for registers of another width. */
  'other-width': 4,
  /** It has no room in the VM's RAM, or has parts in flash. */
  'does-not-fit': 5,
  /** It has no object of a name and size that the VM keeps. */
  'other-objects': 6,
  /** It said so itself. */
  'self-test-failed': 7,
  /** It crashed or halted in its self-test. */
  'self-test-ended': 8,
  /** It has not reported in time. */
  'self-test-overdue': 9,
  /** There was no quiescent point in time. */
  'not-quiescent': 10,
  /** It crashed in probation: a trap, an application error, a watchdog that was not fed. */
  crashed: 11,
  /** It had another error in probation for which its table of errors says what is to be done. */
  error: 12,
  'deadline-missed': 13,
  /** It halted, or asked to start anew, in probation. */
  ended: 14,
  /** The VM was stopped or destroyed by others. */
  stopped: 15,
  /** The power went before it had proven itself. */
  'power-loss': 16,
} as const;
export type UpdateFailure = Exclude<keyof typeof UPDATE_FAILURES, 'none'>;
