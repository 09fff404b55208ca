/* A virtio disk, a sector at a time. */
#ifndef TESTVISOR_DISK_H
#define TESTVISOR_DISK_H

#include "testvisor/virtio_requests.h"

typedef struct tv_disk {
    tv_virtio_requests requests;
} tv_disk;

/** Takes the VM's disk of this number, in the order of the system's declaration, into use. False when there is none, or it refuses. */
bool tv_disk_open(tv_disk *disk, unsigned number);

/** Reads or writes TV_SECTOR_SIZE bytes, and sleeps meanwhile (tv_virtio_request). False when the disk reports an error. */
bool tv_disk_read(tv_disk *disk, uint64_t sector, void *bytes);
bool tv_disk_write(tv_disk *disk, uint64_t sector, const void *bytes);

#endif /* TESTVISOR_DISK_H */
