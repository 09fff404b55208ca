/** How deep translated code may call: the host's stack is not the guest's, and must not run out. */

/** A rough bound of what a function takes of the host's stack, in bytes. */
export const stackUseOf = (instructions: number): number => 512 + 4 * Math.min(instructions, 1000);

/** All of the host's stack that translated code may use. */
export const MOST_STACK = 256 * 1024;
