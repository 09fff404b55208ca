/* Every hypercall as an inline function.
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_HYPERCALLS_H
#define TESTVISOR_HYPERCALLS_H

#include "testvisor/hypercall.h"
#include "testvisor/structs.h"

/** Extensions (a7). */
#define TV_EXTENSION_BASE      0x10UL
#define TV_EXTENSION_TIME      0x54494d45UL
#define TV_EXTENSION_IPI       0x735049UL
#define TV_EXTENSION_RFENCE    0x52464e43UL
#define TV_EXTENSION_HSM       0x48534dUL
#define TV_EXTENSION_SRST      0x53525354UL
#define TV_EXTENSION_DBCN      0x4442434eUL
#define TV_EXTENSION_PARTITION 0xa545600UL
#define TV_EXTENSION_CHANNEL   0xa545601UL
#define TV_EXTENSION_HEALTH    0xa545602UL
#define TV_EXTENSION_CLOCK     0xa545603UL
#define TV_EXTENSION_TRACE     0xa545606UL
#define TV_EXTENSION_UPDATE    0xa545607UL
#define TV_EXTENSION_DEBUG     0xa545608UL
#define TV_EXTENSION_SCHEDULE  0xa545609UL

/** Errors (tv_result.error). */
#define TV_ERROR_SUCCESS           0
#define TV_ERROR_FAILED            (-1)
#define TV_ERROR_NOT_SUPPORTED     (-2)
#define TV_ERROR_INVALID_PARAMETER (-3)
#define TV_ERROR_DENIED            (-4)
#define TV_ERROR_INVALID_ADDRESS   (-5)
#define TV_ERROR_ALREADY_AVAILABLE (-6)
#define TV_ERROR_ALREADY_STARTED   (-7)
#define TV_ERROR_ALREADY_STOPPED   (-8)
#define TV_ERROR_NO_SHARED_MEMORY  (-9)
#define TV_ERROR_INVALID_STATE     (-10)
#define TV_ERROR_BAD_RANGE         (-11)
#define TV_ERROR_TIMEOUT           (-12)

/** A timeout that never comes. */
#define TV_FOR_EVER UINT64_MAX

/**
 * The SBI version implemented (2.0).
 * Value: SBI version: major in bits 30-24, minor below.
 */
static inline tv_result tv_base_get_spec_version(void) {
    return tv_hypercall(TV_EXTENSION_BASE, 0, 0, 0, 0, 0, 0, 0);
}

/**
 * Which SBI implementation this is.
 * Value: implementation id.
 */
static inline tv_result tv_base_get_implementation_id(void) {
    return tv_hypercall(TV_EXTENSION_BASE, 1, 0, 0, 0, 0, 0, 0);
}

/**
 * Version of the implementation.
 * Value: version.
 */
static inline tv_result tv_base_get_implementation_version(void) {
    return tv_hypercall(TV_EXTENSION_BASE, 2, 0, 0, 0, 0, 0, 0);
}

/**
 * Whether an extension is available.
 * Value: 1 when available, else 0.
 */
static inline tv_result tv_base_probe_extension(unsigned long extension_id) {
    return tv_hypercall(TV_EXTENSION_BASE, 3, extension_id, 0, 0, 0, 0, 0);
}

/**
 * The hart’s mvendorid.
 * Value: mvendorid.
 */
static inline tv_result tv_base_get_machine_vendor_id(void) {
    return tv_hypercall(TV_EXTENSION_BASE, 4, 0, 0, 0, 0, 0, 0);
}

/**
 * The hart’s marchid.
 * Value: marchid.
 */
static inline tv_result tv_base_get_machine_architecture_id(void) {
    return tv_hypercall(TV_EXTENSION_BASE, 5, 0, 0, 0, 0, 0, 0);
}

/**
 * The hart’s mimpid.
 * Value: mimpid.
 */
static inline tv_result tv_base_get_machine_implementation_id(void) {
    return tv_hypercall(TV_EXTENSION_BASE, 6, 0, 0, 0, 0, 0, 0);
}

/**
 * Raise the supervisor timer interrupt when `time` reaches `deadline` (ticks of the 10 MHz
 * timebase); clears a pending one.
 */
static inline tv_result tv_time_set_timer(uint64_t deadline) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_TIME, 0, (unsigned long)deadline, (unsigned long)(deadline >> 32), 0, 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_TIME, 0, deadline, 0, 0, 0, 0, 0);
#endif
}

/**
 * Raise the supervisor software interrupt of the harts in the mask (base −1: all harts).
 * Errors: invalid-parameter.
 */
static inline tv_result tv_ipi_send_ipi(unsigned long hart_mask, unsigned long hart_mask_base) {
    return tv_hypercall(TV_EXTENSION_IPI, 0, hart_mask, hart_mask_base, 0, 0, 0, 0);
}

/**
 * Let the harts in the mask execute FENCE.I. Instruction memory is coherent: nothing is left to
 * do.
 * Errors: invalid-parameter.
 */
static inline tv_result tv_rfence_remote_fence_i(unsigned long hart_mask, unsigned long hart_mask_base) {
    return tv_hypercall(TV_EXTENSION_RFENCE, 0, hart_mask, hart_mask_base, 0, 0, 0, 0);
}

/**
 * Let the harts in the mask execute SFENCE.VMA for a range. Page tables are coherent: nothing is
 * left to do.
 * Errors: invalid-parameter.
 */
static inline tv_result tv_rfence_remote_sfence_vma(unsigned long hart_mask, unsigned long hart_mask_base, unsigned long start_address, unsigned long range_size) {
    return tv_hypercall(TV_EXTENSION_RFENCE, 1, hart_mask, hart_mask_base, start_address, range_size, 0, 0);
}

/**
 * The same for one address space.
 * Errors: invalid-parameter.
 */
static inline tv_result tv_rfence_remote_sfence_vma_asid(unsigned long hart_mask, unsigned long hart_mask_base, unsigned long start_address, unsigned long range_size, unsigned long address_space) {
    return tv_hypercall(TV_EXTENSION_RFENCE, 2, hart_mask, hart_mask_base, start_address, range_size, address_space, 0);
}

/**
 * Start a stopped hart in supervisor mode at `startAddress` with a0 = hart id, a1 = opaque.
 * Errors: invalid-parameter, invalid-address, already-available, failed.
 */
static inline tv_result tv_hsm_hart_start(unsigned long hart, unsigned long start_address, unsigned long opaque) {
    return tv_hypercall(TV_EXTENSION_HSM, 0, hart, start_address, opaque, 0, 0, 0);
}

/**
 * Stop the calling hart. Does not return; refused to the last hart that is started.
 * Errors: failed.
 */
static inline tv_result tv_hsm_hart_stop(void) {
    return tv_hypercall(TV_EXTENSION_HSM, 1, 0, 0, 0, 0, 0, 0);
}

/**
 * State of a hart.
 * Value: 0 started, 1 stopped, 4 suspended.
 * Errors: invalid-parameter.
 */
static inline tv_result tv_hsm_hart_get_status(unsigned long hart) {
    return tv_hypercall(TV_EXTENSION_HSM, 2, hart, 0, 0, 0, 0, 0);
}

/**
 * Suspend the calling hart until an interrupt: type 0 retentive, 0x80000000 non-retentive (resumes
 * at `resumeAddress`).
 * Errors: invalid-parameter, not-supported, invalid-address.
 */
static inline tv_result tv_hsm_hart_suspend(unsigned long suspend_type, unsigned long resume_address, unsigned long opaque) {
    return tv_hypercall(TV_EXTENSION_HSM, 3, suspend_type, resume_address, opaque, 0, 0, 0);
}

/**
 * Type 0 shutdown, 1 cold reboot, 2 warm reboot; reason 0 none, 1 system failure. Does not return.
 * Errors: invalid-parameter, not-supported.
 */
static inline tv_result tv_srst_system_reset(unsigned long reset_type, unsigned long reason) {
    return tv_hypercall(TV_EXTENSION_SRST, 0, reset_type, reason, 0, 0, 0, 0);
}

/**
 * Write bytes from guest memory to the console.
 * Value: bytes written.
 * Errors: invalid-parameter, denied, failed.
 */
static inline tv_result tv_dbcn_console_write(unsigned long size, unsigned long address_low, unsigned long address_high) {
    return tv_hypercall(TV_EXTENSION_DBCN, 0, size, address_low, address_high, 0, 0, 0);
}

/**
 * Read waiting console input into guest memory; does not wait.
 * Value: bytes read.
 * Errors: invalid-parameter, denied, failed.
 */
static inline tv_result tv_dbcn_console_read(unsigned long size, unsigned long address_low, unsigned long address_high) {
    return tv_hypercall(TV_EXTENSION_DBCN, 1, size, address_low, address_high, 0, 0, 0);
}

/**
 * Write one byte to the console.
 * Errors: denied, failed.
 */
static inline tv_result tv_dbcn_console_write_byte(unsigned long byte) {
    return tv_hypercall(TV_EXTENSION_DBCN, 2, byte, 0, 0, 0, 0, 0);
}

/**
 * The caller’s own status: start reason, restarts, operating mode, last fault.
 * Errors: invalid-address.
 */
static inline tv_result tv_partition_status(struct tv_partition_status *status) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 0, (unsigned long)status, 0, 0, 0, 0, 0);
}

/**
 * Set the operating mode: 0 cold start, 1 warm start, 2 normal, 3 idle (ARINC 653 part 1,
 * SET_PARTITION_MODE). Entering normal takes the snapshot that a `snapshot` restart returns to.
 * Errors: invalid-parameter.
 */
static inline tv_result tv_partition_set_mode(unsigned long mode) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 1, mode, 0, 0, 0, 0, 0);
}

/**
 * Wait until an interrupt is pending, a message or signal arrives at one of the caller’s ports, or
 * an error of another VM waits for it to decide.
 */
static inline tv_result tv_partition_idle(void) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 2, 0, 0, 0, 0, 0, 0);
}

/**
 * Feed the VM’s watchdog: unless fed again within `timeout` nanoseconds the VM crashes. 0 disarms
 * it. A watchdog that the system declares is armed from the start on and waits no longer than
 * declared, whatever is asked for.
 */
static inline tv_result tv_partition_heartbeat(uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_PARTITION, 3, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0, 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_PARTITION, 3, timeout, 0, 0, 0, 0, 0);
#endif
}

/**
 * Number of the VM with this name, for the calls below.
 * Value: VM number.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_partition_lookup(const char *name) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 4, (unsigned long)name, __builtin_strlen(name), 0, 0, 0, 0);
}

/**
 * Start a created or halted VM from cold.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, already-started.
 */
static inline tv_result tv_partition_start(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 5, vm, 0, 0, 0, 0, 0);
}

/**
 * Halt a VM.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, already-stopped.
 */
static inline tv_result tv_partition_stop(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 6, vm, 0, 0, 0, 0, 0);
}

/**
 * Take a VM’s core time away until it is resumed.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, invalid-state.
 */
static inline tv_result tv_partition_suspend(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 7, vm, 0, 0, 0, 0, 0);
}

/**
 * Resume a suspended VM.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, invalid-state.
 */
static inline tv_result tv_partition_resume(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 8, vm, 0, 0, 0, 0, 0);
}

/**
 * Restart a VM: kind 0 cold, 1 warm, 2 from its snapshot. One that was destroyed must be created
 * first (invalid-state).
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, invalid-state.
 */
static inline tv_result tv_partition_restart(uint32_t vm, unsigned long kind) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 9, vm, kind, 0, 0, 0, 0);
}

/**
 * Status of another VM.
 * Needs authority over that VM.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_partition_status_of(uint32_t vm, struct tv_partition_status *status) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 10, vm, (unsigned long)status, 0, 0, 0, 0);
}

/**
 * Create a destroyed VM again, as it was delivered; `start` then starts it.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, already-available.
 */
static inline tv_result tv_partition_create(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 11, vm, 0, 0, 0, 0, 0);
}

/**
 * End a VM and clear its RAM, disks and flash. Its place in the system remains.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, already-stopped.
 */
static inline tv_result tv_partition_destroy(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 12, vm, 0, 0, 0, 0, 0);
}

/**
 * Give a VM so many bytes of RAM from its next start on: whole pages, within its declared limit,
 * with room for its image.
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, bad-range.
 */
static inline tv_result tv_partition_set_ram(uint32_t vm, unsigned long size) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 13, vm, size, 0, 0, 0, 0);
}

/**
 * Give a VM so many nanoseconds of core time in every period, from now on: within its declared
 * limit, and no more than its core has left. A VM without a budget has none to set
 * (invalid-state).
 * Needs authority over that VM.
 * Errors: invalid-parameter, denied, bad-range, invalid-state.
 */
static inline tv_result tv_partition_set_budget(uint32_t vm, uint64_t budget) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_PARTITION, 14, vm, (unsigned long)budget, (unsigned long)(budget >> 32), 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_PARTITION, 14, vm, budget, 0, 0, 0, 0);
#endif
}

/**
 * What the caller has used, and what became of it, since the machine started.
 * Errors: invalid-address.
 */
static inline tv_result tv_partition_account(struct tv_partition_account *account) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 15, (unsigned long)account, 0, 0, 0, 0, 0);
}

/**
 * The same of another VM.
 * Needs authority over that VM.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_partition_account_of(uint32_t vm, struct tv_partition_account *account) {
    return tv_hypercall(TV_EXTENSION_PARTITION, 16, vm, (unsigned long)account, 0, 0, 0, 0);
}

/**
 * The caller’s port on the channel with this name; a channel the caller has no end of does not
 * exist for it.
 * Value: port number.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_channel_lookup(const char *name) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 0, (unsigned long)name, __builtin_strlen(name), 0, 0, 0, 0);
}

/**
 * Send a message, waiting for room where the queue declares that. Refused (failed) over the
 * channel’s declared rate.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, invalid-address, denied, failed, timeout.
 */
static inline tv_result tv_channel_queue_send(uint32_t port, const void *message, size_t message_size, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 1, port, (unsigned long)message, message_size, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0);
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 1, port, (unsigned long)message, message_size, timeout, 0, 0);
#endif
}

/**
 * Receive the oldest message, waiting for one. A buffer smaller than the channel’s message size is
 * an invalid parameter.
 * Value: bytes received.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, invalid-address, denied, timeout.
 */
static inline tv_result tv_channel_queue_receive(uint32_t port, void *message, size_t message_capacity, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 2, port, (unsigned long)message, message_capacity, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0);
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 2, port, (unsigned long)message, message_capacity, timeout, 0, 0);
#endif
}

/**
 * How many messages wait in the queue.
 * Value: messages waiting.
 * Errors: invalid-parameter.
 */
static inline tv_result tv_channel_queue_count(uint32_t port) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 3, port, 0, 0, 0, 0, 0);
}

/**
 * Replace the channel’s value. Refused (failed) over the channel’s declared rate.
 * Errors: invalid-parameter, invalid-address, denied, failed.
 */
static inline tv_result tv_channel_sampling_write(uint32_t port, const void *message, size_t message_size) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 4, port, (unsigned long)message, message_size, 0, 0, 0);
}

/**
 * Read the last value, its age in nanoseconds and whether it is valid.
 * Value: bytes read; 0 when never written.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_channel_sampling_read(uint32_t port, void *message, size_t message_capacity, struct tv_sample_status *status) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 5, port, (unsigned long)message, message_capacity, (unsigned long)status, 0, 0);
}

/**
 * Add one to the signal; refused (failed) at its maximum, and over the channel’s declared rate.
 * Errors: invalid-parameter, denied, failed.
 */
static inline tv_result tv_channel_signal_post(uint32_t port) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 6, port, 0, 0, 0, 0, 0);
}

/**
 * Wait until the signal is above zero and take one.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, denied, timeout.
 */
static inline tv_result tv_channel_signal_wait(uint32_t port, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 7, port, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 7, port, timeout, 0, 0, 0, 0);
#endif
}

/**
 * Lock the shared region’s mutex. While others wait, the holder runs at the highest of their
 * priorities.
 * Value: 1 when the region’s writer stopped while it held the lock and has not published since, so
 * that the content may be torn; else 0.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, invalid-state, timeout.
 */
static inline tv_result tv_channel_lock(uint32_t port, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 8, port, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 8, port, timeout, 0, 0, 0, 0);
#endif
}

/**
 * Unlock it. An unlock by the region’s writer publishes the region’s content as a message; over
 * the channel’s declared rate (failed) it unlocks, and the region shows again what was published
 * before.
 * Errors: invalid-parameter, invalid-state, failed.
 */
static inline tv_result tv_channel_unlock(uint32_t port) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 9, port, 0, 0, 0, 0, 0);
}

/**
 * Guest address and size of a shared region.
 * Errors: invalid-parameter, invalid-address.
 */
static inline tv_result tv_channel_region(uint32_t port, struct tv_shared_region *region) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 10, port, (unsigned long)region, 0, 0, 0, 0);
}

/**
 * Call the server with the message, and wait for the reply, which replaces it in the buffer. Fails
 * when the server stops while it has the call, and over the channel’s declared rate. A call whose
 * time is up is withdrawn; one without time is not made.
 * Value: bytes of the reply.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, invalid-address, denied, failed, timeout.
 */
static inline tv_result tv_channel_rpc_call(uint32_t port, void *message, size_t message_size, size_t message_capacity, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 11, port, (unsigned long)message, message_size, message_capacity, (unsigned long)timeout, (unsigned long)(timeout >> 32));
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 11, port, (unsigned long)message, message_size, message_capacity, timeout, 0);
#endif
}

/**
 * Take the oldest call, waiting for one. Further ones may be taken before it is replied to.
 * Value: bytes of the call.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, invalid-address, denied, timeout.
 */
static inline tv_result tv_channel_rpc_receive(uint32_t port, void *message, size_t message_capacity, struct tv_received_call *call, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 12, port, (unsigned long)message, message_capacity, (unsigned long)call, (unsigned long)timeout, (unsigned long)(timeout >> 32));
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 12, port, (unsigned long)message, message_capacity, (unsigned long)call, timeout, 0);
#endif
}

/**
 * Reply to a call that was taken, by its number. Fails when its client waits no longer; an invalid
 * state when there is no such call.
 * Errors: invalid-parameter, invalid-address, denied, failed, invalid-state.
 */
static inline tv_result tv_channel_rpc_reply(uint32_t port, unsigned long call, const void *message, size_t message_size) {
    return tv_hypercall(TV_EXTENSION_CHANNEL, 13, port, call, (unsigned long)message, message_size, 0, 0);
}

/**
 * Raise an application error: to the registered error handler, else the VM crashes. At most 128
 * bytes of payload.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_health_raise(unsigned long code, const void *payload, size_t payload_size) {
    return tv_hypercall(TV_EXTENSION_HEALTH, 0, code, (unsigned long)payload, payload_size, 0, 0, 0);
}

/**
 * On the next application error or unhandled trap, continue at `entry` on `stack` with a0 = fault
 * kind, a1 = cause or code, a2 = pc. Serves once; 0 removes it.
 * Errors: invalid-address.
 */
static inline tv_result tv_health_register_handler(unsigned long entry, unsigned long stack) {
    return tv_hypercall(TV_EXTENSION_HEALTH, 1, entry, stack, 0, 0, 0, 0);
}

/**
 * Take the oldest error of a VM for which the system asks the caller, waiting for one. Denied when
 * it asks the caller for none. What a supervisor has taken and not decided, its next life is told
 * again.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-address, denied, timeout.
 */
static inline tv_result tv_health_next_event(struct tv_health_event *event, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_HEALTH, 2, (unsigned long)event, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_HEALTH, 2, (unsigned long)event, timeout, 0, 0, 0, 0);
#endif
}

/**
 * Say what is to be done about an event: 0 ignore, 1 restart cold, 2 warm, 3 from the snapshot, 4
 * stop, 5 halt the machine. Denied where the system does not allow that answer; an invalid state
 * when the event is not open (any more).
 * The system must ask the caller about errors of that VM.
 * Errors: invalid-parameter, denied, invalid-state.
 */
static inline tv_result tv_health_decide(uint32_t vm, unsigned long event, unsigned long answer) {
    return tv_hypercall(TV_EXTENSION_HEALTH, 3, vm, event, answer, 0, 0, 0);
}

/**
 * Virtual nanoseconds since the machine started.
 * Errors: invalid-address.
 */
static inline tv_result tv_clock_now(uint64_t *time) {
    return tv_hypercall(TV_EXTENSION_CLOCK, 0, (unsigned long)time, 0, 0, 0, 0, 0);
}

/** Wait until a virtual time; returns at once when it has passed. */
static inline tv_result tv_clock_sleep_until(uint64_t time) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CLOCK, 1, (unsigned long)time, (unsigned long)(time >> 32), 0, 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_CLOCK, 1, time, 0, 0, 0, 0, 0);
#endif
}

/**
 * Become periodic from now on: releases every `period` ns, each job due `deadline` ns after its
 * release. Denied when the system declares a period.
 * Errors: invalid-parameter, denied.
 */
static inline tv_result tv_clock_set_period(uint64_t period, uint64_t deadline) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CLOCK, 2, (unsigned long)period, (unsigned long)(period >> 32), (unsigned long)deadline, (unsigned long)(deadline >> 32), 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_CLOCK, 2, period, deadline, 0, 0, 0, 0);
#endif
}

/**
 * Complete the current job and wait for the next release (ARINC 653 part 1, PERIODIC_WAIT). Every
 * missed deadline is recorded.
 * Value: releases missed.
 * Errors: invalid-state.
 */
static inline tv_result tv_clock_wait_release(void) {
    return tv_hypercall(TV_EXTENSION_CLOCK, 3, 0, 0, 0, 0, 0, 0);
}

/**
 * Record a point in the trace. Names are at most 64 bytes.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_trace_mark(const char *name, unsigned long value) {
    return tv_hypercall(TV_EXTENSION_TRACE, 0, (unsigned long)name, __builtin_strlen(name), value, 0, 0, 0);
}

/**
 * Record the beginning of a span.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_trace_span_begin(const char *name) {
    return tv_hypercall(TV_EXTENSION_TRACE, 1, (unsigned long)name, __builtin_strlen(name), 0, 0, 0, 0);
}

/**
 * Record the end of a span.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_trace_span_end(const char *name) {
    return tv_hypercall(TV_EXTENSION_TRACE, 2, (unsigned long)name, __builtin_strlen(name), 0, 0, 0, 0);
}

/**
 * Record a counter’s value.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_trace_counter(const char *name, unsigned long value) {
    return tv_hypercall(TV_EXTENSION_TRACE, 3, (unsigned long)name, __builtin_strlen(name), value, 0, 0, 0);
}

/**
 * State a property: kind 0 always, 1 sometimes, 2 reachable, 3 unreachable.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_trace_property(unsigned long kind, unsigned long condition, const char *name) {
    return tv_hypercall(TV_EXTENSION_TRACE, 4, kind, condition, (unsigned long)name, __builtin_strlen(name), 0, 0);
}

/**
 * Begin to update a VM with an image of so many bytes, and erase its slot that is not booted. An
 * invalid state while an update of it is under way; a bad range when the slot is too small, or for
 * 0.
 * The system must let the caller update that VM.
 * Errors: invalid-parameter, denied, invalid-state, bad-range.
 */
static inline tv_result tv_update_begin(uint32_t vm, unsigned long size) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 0, vm, size, 0, 0, 0, 0);
}

/**
 * The next chunk of the image, at most 65536 bytes. One that was received already changes nothing;
 * one that leaves a gap, or goes beyond the image, is a bad range.
 * Value: bytes received in all.
 * The system must let the caller update that VM.
 * Errors: invalid-parameter, invalid-address, denied, invalid-state, bad-range.
 */
static inline tv_result tv_update_write(uint32_t vm, unsigned long offset, const void *chunk, size_t chunk_size) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 1, vm, offset, (unsigned long)chunk, chunk_size, 0, 0);
}

/**
 * The image is whole (a bad range if it is not): verify it, start it in the shadow VM, and once it
 * has passed its self-test let it take the VM’s place. `awaitEnd` tells what becomes of it. Fails
 * for an image that is refused; `status` says why.
 * The system must let the caller update that VM.
 * Errors: invalid-parameter, denied, invalid-state, bad-range, failed.
 */
static inline tv_result tv_update_activate(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 2, vm, 0, 0, 0, 0, 0);
}

/**
 * Give the update up; in probation that brings the old image back. An invalid state when none is
 * under way.
 * The system must let the caller update that VM.
 * Errors: invalid-parameter, denied, invalid-state.
 */
static inline tv_result tv_update_abort(uint32_t vm) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 3, vm, 0, 0, 0, 0, 0);
}

/**
 * How the update of a VM stands, and what became of the last one.
 * The system must let the caller update that VM.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_update_status(uint32_t vm, struct tv_update_status *status) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 4, vm, (unsigned long)status, 0, 0, 0, 0);
}

/**
 * Wait until no update of the VM is under way. An invalid state when there never was one.
 * Value: the result: 1 confirmed, 2 failed, 3 rolled back.
 * Waits at most `timeout` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * The system must let the caller update that VM.
 * Errors: invalid-parameter, denied, invalid-state, timeout.
 */
static inline tv_result tv_update_await_end(uint32_t vm, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_UPDATE, 5, vm, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0, 0, 0);
#else
    return tv_hypercall(TV_EXTENSION_UPDATE, 5, vm, timeout, 0, 0, 0, 0);
#endif
}

/**
 * In the shadow VM, after a start for an update: the self-test has passed (1), or not (0, which
 * ends the guest). Returns in the place of the VM that is updated, with its ports connected, and
 * with the state that the guest before has offered, as much as there is room for. An invalid state
 * anywhere else.
 * Value: bytes of the state handed over.
 * Errors: invalid-address, invalid-parameter, invalid-state.
 */
static inline tv_result tv_update_self_tested(unsigned long passed, void *hand_over, size_t hand_over_capacity) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 6, passed, (unsigned long)hand_over, hand_over_capacity, 0, 0, 0);
}

/**
 * A quiescent point: nothing is half done, and a new image may take over with this state, at most
 * 4096 bytes. Returns at once unless one waits to. An invalid state in a VM that is not updated
 * when offered.
 * Value: 0: go on; 1: another image took the VM’s place, and has been taken back.
 * Errors: invalid-address, invalid-parameter, invalid-state.
 */
static inline tv_result tv_update_offer(const void *state, size_t state_size) {
    return tv_hypercall(TV_EXTENSION_UPDATE, 7, (unsigned long)state, state_size, 0, 0, 0, 0);
}

/**
 * Read another VM’s RAM, at most 4096 bytes, as many as the buffer holds. What is not RAM of its
 * is an invalid address.
 * Value: bytes read.
 * The system must let the caller debug that VM.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_debug_read(uint32_t vm, unsigned long address, void *bytes, size_t bytes_capacity) {
    return tv_hypercall(TV_EXTENSION_DEBUG, 0, vm, address, (unsigned long)bytes, bytes_capacity, 0, 0);
}

/**
 * Write to another VM’s RAM, at most 4096 bytes.
 * Value: bytes written.
 * The system must let the caller debug that VM.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_debug_write(uint32_t vm, unsigned long address, const void *bytes, size_t bytes_size) {
    return tv_hypercall(TV_EXTENSION_DEBUG, 1, vm, address, (unsigned long)bytes, bytes_size, 0, 0);
}

/**
 * Read a register of another VM’s hart: 0 to 31 are x0 to x31, 32 is the pc.
 * The system must let the caller debug that VM.
 * Errors: invalid-parameter, invalid-address, denied.
 */
static inline tv_result tv_debug_read_register(uint32_t vm, unsigned long hart, unsigned long number, uint64_t *value) {
    return tv_hypercall(TV_EXTENSION_DEBUG, 2, vm, hart, number, (unsigned long)value, 0, 0);
}

/**
 * Number of the system’s schedule with this name.
 * Value: schedule number.
 * Errors: invalid-address, invalid-parameter.
 */
static inline tv_result tv_schedule_lookup(const char *name) {
    return tv_hypercall(TV_EXTENSION_SCHEDULE, 0, (unsigned long)name, __builtin_strlen(name), 0, 0, 0, 0);
}

/**
 * Switch the machine to another schedule at the end of the major frame; the last switch asked for
 * counts (ARINC 653 part 2, SET_MODULE_SCHEDULE). Denied to a VM that the system does not let
 * switch schedules.
 * Errors: invalid-parameter, denied.
 */
static inline tv_result tv_schedule_set(unsigned long schedule) {
    return tv_hypercall(TV_EXTENSION_SCHEDULE, 1, schedule, 0, 0, 0, 0, 0);
}

/**
 * Which schedule the machine is in, and which comes next (ARINC 653 part 2,
 * GET_MODULE_SCHEDULE_STATUS). An invalid state in a system without schedules.
 * Errors: invalid-address, invalid-state.
 */
static inline tv_result tv_schedule_status(struct tv_schedule_status *status) {
    return tv_hypercall(TV_EXTENSION_SCHEDULE, 2, (unsigned long)status, 0, 0, 0, 0, 0);
}

#endif /* TESTVISOR_HYPERCALLS_H */
