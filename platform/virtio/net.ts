/** The network device (Virtual I/O Device version 1.2, section 5.1). */
import { array, struct, u16, u8 } from '../message';

/** Feature bits, as bit numbers (section 5.1.3). */
export const NET_FEATURES = { mac: 5, mergeableBuffers: 15, status: 16 } as const;

/** Queues of the first pair (section 5.1.2). */
export const NET_QUEUES = { receive: 0, transmit: 1 } as const;

/** Bits of the configuration's status (section 5.1.4). */
export const NET_STATUS = { linkUp: 1 } as const;

/** What every frame begins with in a buffer (section 5.1.6). */
export const NetHeader = struct('NetHeader', {
  flags: u8,
  segmentation: u8,
  headerLength: u16,
  segmentSize: u16,
  checksumStart: u16,
  checksumOffset: u16,
  /** How many buffers the frame takes, when it is received. */
  buffers: u16,
});

/** The configuration space, as far as the features that are offered use it (section 5.1.4). */
export const NetConfiguration = struct('NetConfiguration', { mac: array(u8, 6), status: u16 });
