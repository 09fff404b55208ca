/** What an author declares of a VM in the secure world, and what is made of it. */

/**
 * A VM in the role of TrustZone's secure world. What is not named here does not reach it: no shared memory, no network
 * card, no other channel, no VM with authority over it, none that decides on its errors, none that updates it.
 */
export interface SecureDefinition {
  /** Channels by which something comes to it: those to it, and remote procedure calls that it makes. */
  readonly calls: readonly string[];
}

export interface SystemSecure {
  readonly calls: readonly string[];
}
