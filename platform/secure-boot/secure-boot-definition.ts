/** What an author declares of the images that a VM starts, and what is made of it. */

/** What an image must be for a VM to start it. */
export interface SecureBootDefinition {
  /** Names of `trustedKeys`: one of these must have signed it. */
  readonly signedBy: string | readonly string[];
  /** What it must be for. Default: the VM's name. */
  readonly product?: string;
  /** Its least version. Default 0. */
  readonly minimumVersion?: number;
}

export interface SystemSecureBoot {
  readonly signedBy: readonly string[];
  /** The public keys of those, 32 bytes each. */
  readonly keys: readonly Uint8Array[];
  readonly product: string;
  readonly minimumVersion: number;
}
