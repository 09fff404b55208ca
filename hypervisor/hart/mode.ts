/** Privilege modes as the architecture encodes them (privileged architecture 1.2). */
export const Mode = { user: 0, supervisor: 1, machine: 3 } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];
