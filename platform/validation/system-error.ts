/** What can be wrong with a system, by name: for programs; the error's text is for people. */
export type SystemErrorCode =
  | 'not-an-object'
  | 'unknown-property'
  | 'wrong-type'
  | 'out-of-range'
  | 'no-vms'
  | 'bad-name'
  | 'reserved-name'
  | 'name-too-long'
  | 'image-missing'
  | 'firmware-without-machine'
  | 'ram-missing'
  | 'ram-unaligned'
  | 'ram-zero'
  | 'ram-too-large'
  | 'unknown-choice'
  | 'unknown-core'
  | 'core-and-cores'
  | 'cores-unlike-harts'
  | 'unknown-vm'
  | 'duplicate-vm'
  | 'disk-size-missing'
  | 'disk-size-unaligned'
  | 'disk-image-too-large'
  | 'disk-serial'
  | 'quota-without-use'
  | 'too-many-virtio-devices'
  | 'budget-without-period'
  | 'budget-over-period'
  | 'deadline-without-period'
  | 'deadline-over-period'
  | 'limit-without-budget'
  | 'budget-limit'
  | 'core-overloaded'
  | 'policies-unlike-cores'
  | 'policy-of-windows'
  | 'server-on-several-cores'
  | 'ceiling-without-priorities'
  | 'unknown-schedule'
  | 'no-windows'
  | 'window-outside-frame'
  | 'window-too-short'
  | 'window-overlap'
  | 'window-missing'
  | 'period-unlike-frame'
  | 'bad-frequency'
  | 'bad-epoch'
  | 'flash-image-too-large'
  | 'unknown-network'
  | 'network-named-as-channel'
  | 'bad-mac'
  | 'duplicate-mac'
  | 'duplicate-vlan'
  | 'bad-cost'
  | 'max-without-within'
  | 'within-without-max'
  | 'exhausted-without-max'
  | 'back-off-without-max'
  | 'back-off-shrinks'
  | 'not-survivable'
  | 'ask-without-otherwise'
  | 'ask-again'
  | 'self-escalation'
  | 'self-authority'
  | 'confidential-vm'
  | 'end-missing'
  | 'one-end-only'
  | 'channel-to-itself'
  | 'test-end'
  | 'bad-message'
  | 'message-size-missing'
  | 'message-too-large'
  | 'rate-without-amount'
  | 'rate-below-message'
  | 'shared-outside'
  | 'shared-unaligned'
  | 'shared-overlap'
  | 'shared-full';

/** A mistake in a system's definition: what is wrong, where (`vms.sensor.ram`), and how to mend it. */
export class SystemError extends Error {
  override readonly name = 'SystemError';

  constructor(
    readonly code: SystemErrorCode,
    /** Path of the offending property. */
    readonly where: string,
    what: string,
    mend: string,
  ) {
    super(`${where}: ${what} ${mend}`);
  }
}
