/** The generated part of the guest SDK, as text by path within `platform/sdk/include`. Pure: nothing is written here. */
import { hypercallsHeader, hypercallTableHeader, structsHeader } from './hypercalls-header';
import { devicesHeader, interruptsHeader, memoryMapHeader } from './map-headers';
import { virtioHeader } from './virtio-header';

export { messageHeader, type MessageHeaderOptions } from './message-header';

export function sdkHeaders(): Readonly<Record<string, string>> {
  return {
    'testvisor/devices.h': devicesHeader(),
    'testvisor/hypercall_table.h': hypercallTableHeader(),
    'testvisor/hypercalls.h': hypercallsHeader(),
    'testvisor/interrupts.h': interruptsHeader(),
    'testvisor/memory_map.h': memoryMapHeader(),
    'testvisor/structs.h': structsHeader(),
    'testvisor/virtio.h': virtioHeader(),
  };
}
