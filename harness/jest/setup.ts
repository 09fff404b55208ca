/** Runs in every test file, before its own code: teaches `expect` the matchers and the snapshots. */
import { expect } from '@jest/globals';
import { matchers } from './matchers';
import * as serializer from './serializer';

expect.extend(matchers);
expect.addSnapshotSerializer(serializer);
