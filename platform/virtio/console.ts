/** The console device with one port (Virtual I/O Device version 1.2, section 5.3). */

/** Queues of port 0 (section 5.3.2). */
export const CONSOLE_QUEUES = { receive: 0, transmit: 1 } as const;
