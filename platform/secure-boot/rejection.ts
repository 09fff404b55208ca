/** Why a VM with secure boot does not start an image, in the order in which it is looked at. */
export const REJECTIONS = {
  /** It is no signed image. */
  unsigned: 1,
  /** Its key is none that the VM trusts. */
  'unknown-key': 2,
  /** The manifest was changed, or signed by somebody else. */
  'wrong-signature': 3,
  /** The image has another size than its manifest says. */
  'wrong-size': 4,
  /** The image was changed. */
  'wrong-hash': 5,
  /** It is for another product. */
  'wrong-product': 6,
  /** Its version is below the declared minimum. */
  'old-version': 7,
  /** Its rollback counter is below that of an image that has run. */
  'rolled-back': 8,
} as const;
export type Rejection = keyof typeof REJECTIONS;
