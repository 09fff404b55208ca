/* A virtio disk: Virtual I/O Device version 1.2, section 5.2.6. */
#include "testvisor/disk.h"

bool tv_disk_open(tv_disk *disk, unsigned number) { return tv_virtio_open(&disk->requests, TV_VIRTIO_DEVICE_BLOCK, number); }

static bool transfer(tv_disk *disk, uint32_t type, uint64_t sector, void *bytes) {
    struct tv_block_request request = {.type = type, .sector = sector};
    uint8_t status = 0xff;
    const tv_virtio_part parts[] = {
        {&request, sizeof request, false},
        {bytes, TV_SECTOR_SIZE, type == TV_BLOCK_REQUEST_READ},
        {&status, 1, true},
    };
    tv_virtio_request(&disk->requests, parts, 3);
    return status == TV_BLOCK_STATUS_OK;
}

bool tv_disk_read(tv_disk *disk, uint64_t sector, void *bytes) { return transfer(disk, TV_BLOCK_REQUEST_READ, sector, bytes); }
bool tv_disk_write(tv_disk *disk, uint64_t sector, const void *bytes) {
    return transfer(disk, TV_BLOCK_REQUEST_WRITE, sector, (void *)(uintptr_t)bytes);
}
