/* Structures that hypercalls write, and the numbers in them.
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_STRUCTS_H
#define TESTVISOR_STRUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TV_STATIC_ASSERT
#ifdef __cplusplus
#define TV_STATIC_ASSERT static_assert
#else
#define TV_STATIC_ASSERT _Static_assert
#endif
#endif

/** Why a VM (re)started. */
#define TV_START_BOOT      0
#define TV_START_COLD      1
#define TV_START_WARM      2
#define TV_START_SNAPSHOT  3
#define TV_START_REBOOT    4
#define TV_START_UPDATE    5
#define TV_START_MIGRATION 6

/** Operating modes of a partition. */
#define TV_MODE_COLD_START 0
#define TV_MODE_WARM_START 1
#define TV_MODE_NORMAL     2
#define TV_MODE_IDLE       3

/** States of a VM’s life cycle. */
#define TV_STATE_CREATED    0
#define TV_STATE_RUNNING    1
#define TV_STATE_WAITING    2
#define TV_STATE_SUSPENDED  3
#define TV_STATE_HALTED     4
#define TV_STATE_CRASHED    5
#define TV_STATE_RESTARTING 6
#define TV_STATE_DESTROYED  7

/** Kinds of faults. */
#define TV_FAULT_NONE           0
#define TV_FAULT_TRAP           1
#define TV_FAULT_TRAP_LOOP      2
#define TV_FAULT_WATCHDOG       3
#define TV_FAULT_APPLICATION    4
#define TV_FAULT_FAILURE_EXIT   5
#define TV_FAULT_INJECTED       6
#define TV_FAULT_IMAGE_REJECTED 7
#define TV_FAULT_POWER_FAIL     8

/** Kinds of restarts. */
#define TV_RESTART_COLD     0
#define TV_RESTART_WARM     1
#define TV_RESTART_SNAPSHOT 2

/** Statuses of a hart. */
#define TV_HART_STARTED   0
#define TV_HART_STOPPED   1
#define TV_HART_SUSPENDED 4

/** Kinds of suspensions of a hart. */
#define TV_HART_SUSPEND_RETENTIVE     0
#define TV_HART_SUSPEND_NON_RETENTIVE 2147483648

/** Kinds of properties. */
#define TV_PROPERTY_ALWAYS      0
#define TV_PROPERTY_SOMETIMES   1
#define TV_PROPERTY_REACHABLE   2
#define TV_PROPERTY_UNREACHABLE 3

/** Errors that the health monitor tells apart. */
#define TV_HEALTH_ERROR_DEADLINE_MISSED     32
#define TV_HEALTH_ERROR_APPLICATION_ERROR   33
#define TV_HEALTH_ERROR_ILLEGAL_REQUEST     34
#define TV_HEALTH_ERROR_ILLEGAL_INSTRUCTION 35
#define TV_HEALTH_ERROR_MEMORY_VIOLATION    36
#define TV_HEALTH_ERROR_STACK_OVERFLOW      37
#define TV_HEALTH_ERROR_WATCHDOG            38
#define TV_HEALTH_ERROR_FAILURE_EXIT        39
#define TV_HEALTH_ERROR_HARDWARE_FAULT      40
#define TV_HEALTH_ERROR_IMAGE_REJECTED      41
#define TV_HEALTH_ERROR_NUMERIC_ERROR       42
#define TV_HEALTH_ERROR_POWER_FAIL          43

/** Codes with which a guest raises a numeric error. */
#define TV_NUMERIC_ERROR_OVERFLOW         4294901761
#define TV_NUMERIC_ERROR_DIVISION_BY_ZERO 4294901762
#define TV_NUMERIC_ERROR_FLOATING_POINT   4294901763

/** States of a VM with an error. */
#define TV_HEALTH_STATE_INIT 0
#define TV_HEALTH_STATE_RUN  1

/** What a supervisor VM may answer. */
#define TV_HEALTH_ANSWER_IGNORE           0
#define TV_HEALTH_ANSWER_RESTART_COLD     1
#define TV_HEALTH_ANSWER_RESTART_WARM     2
#define TV_HEALTH_ANSWER_RESTART_SNAPSHOT 3
#define TV_HEALTH_ANSWER_STOP             4
#define TV_HEALTH_ANSWER_HALT_MACHINE     5

/** Stages of an update. */
#define TV_UPDATE_NONE      0
#define TV_UPDATE_RECEIVING 1
#define TV_UPDATE_STAGING   2
#define TV_UPDATE_SELF_TEST 3
#define TV_UPDATE_SWITCHING 4
#define TV_UPDATE_PROBATION 5

/** What has become of an update. */
#define TV_UPDATE_RESULT_NONE        0
#define TV_UPDATE_RESULT_CONFIRMED   1
#define TV_UPDATE_RESULT_FAILED      2
#define TV_UPDATE_RESULT_ROLLED_BACK 3

/** Why an update came to nothing. */
#define TV_UPDATE_WHY_NONE              0
#define TV_UPDATE_WHY_ABORTED           1
#define TV_UPDATE_WHY_REJECTED          2
#define TV_UPDATE_WHY_UNREADABLE        3
#define TV_UPDATE_WHY_OTHER_WIDTH       4
#define TV_UPDATE_WHY_DOES_NOT_FIT      5
#define TV_UPDATE_WHY_OTHER_OBJECTS     6
#define TV_UPDATE_WHY_SELF_TEST_FAILED  7
#define TV_UPDATE_WHY_SELF_TEST_ENDED   8
#define TV_UPDATE_WHY_SELF_TEST_OVERDUE 9
#define TV_UPDATE_WHY_NOT_QUIESCENT     10
#define TV_UPDATE_WHY_CRASHED           11
#define TV_UPDATE_WHY_ERROR             12
#define TV_UPDATE_WHY_DEADLINE_MISSED   13
#define TV_UPDATE_WHY_ENDED             14
#define TV_UPDATE_WHY_STOPPED           15
#define TV_UPDATE_WHY_POWER_LOSS        16

struct tv_partition_status {
    uint32_t start_reason;
    uint32_t restarts;
    uint32_t mode;
    uint32_t state;
    uint32_t fault_kind;
    uint32_t fault_code;
    uint64_t fault_pc;
};
TV_STATIC_ASSERT(sizeof(struct tv_partition_status) == 32, "struct tv_partition_status");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, start_reason) == 0, "struct tv_partition_status.start_reason");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, restarts) == 4, "struct tv_partition_status.restarts");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, mode) == 8, "struct tv_partition_status.mode");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, state) == 12, "struct tv_partition_status.state");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, fault_kind) == 16, "struct tv_partition_status.fault_kind");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, fault_code) == 20, "struct tv_partition_status.fault_code");
TV_STATIC_ASSERT(offsetof(struct tv_partition_status, fault_pc) == 24, "struct tv_partition_status.fault_pc");

struct tv_partition_account {
    uint64_t cpu_time;
    uint64_t ram;
    uint64_t messages_sent;
    uint64_t messages_received;
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint32_t crashes;
    uint32_t starts;
    uint32_t denied_hypercalls;
    uint32_t deadline_misses;
    uint32_t budgets_exhausted;
};
TV_STATIC_ASSERT(sizeof(struct tv_partition_account) == 72, "struct tv_partition_account");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, cpu_time) == 0, "struct tv_partition_account.cpu_time");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, ram) == 8, "struct tv_partition_account.ram");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, messages_sent) == 16, "struct tv_partition_account.messages_sent");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, messages_received) == 24, "struct tv_partition_account.messages_received");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, bytes_sent) == 32, "struct tv_partition_account.bytes_sent");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, bytes_received) == 40, "struct tv_partition_account.bytes_received");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, crashes) == 48, "struct tv_partition_account.crashes");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, starts) == 52, "struct tv_partition_account.starts");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, denied_hypercalls) == 56, "struct tv_partition_account.denied_hypercalls");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, deadline_misses) == 60, "struct tv_partition_account.deadline_misses");
TV_STATIC_ASSERT(offsetof(struct tv_partition_account, budgets_exhausted) == 64, "struct tv_partition_account.budgets_exhausted");

struct tv_sample_status {
    uint64_t age;
    uint32_t valid;
};
TV_STATIC_ASSERT(sizeof(struct tv_sample_status) == 16, "struct tv_sample_status");
TV_STATIC_ASSERT(offsetof(struct tv_sample_status, age) == 0, "struct tv_sample_status.age");
TV_STATIC_ASSERT(offsetof(struct tv_sample_status, valid) == 8, "struct tv_sample_status.valid");

struct tv_shared_region {
    uint64_t address;
    uint64_t size;
};
TV_STATIC_ASSERT(sizeof(struct tv_shared_region) == 16, "struct tv_shared_region");
TV_STATIC_ASSERT(offsetof(struct tv_shared_region, address) == 0, "struct tv_shared_region.address");
TV_STATIC_ASSERT(offsetof(struct tv_shared_region, size) == 8, "struct tv_shared_region.size");

struct tv_received_call {
    uint64_t age;
    uint32_t number;
};
TV_STATIC_ASSERT(sizeof(struct tv_received_call) == 16, "struct tv_received_call");
TV_STATIC_ASSERT(offsetof(struct tv_received_call, age) == 0, "struct tv_received_call.age");
TV_STATIC_ASSERT(offsetof(struct tv_received_call, number) == 8, "struct tv_received_call.number");

struct tv_health_event {
    uint64_t at;
    uint64_t deadline;
    uint64_t fault_pc;
    uint32_t number;
    uint32_t vm;
    uint32_t error;
    uint32_t state;
    uint32_t fault_kind;
    uint32_t fault_code;
};
TV_STATIC_ASSERT(sizeof(struct tv_health_event) == 48, "struct tv_health_event");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, at) == 0, "struct tv_health_event.at");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, deadline) == 8, "struct tv_health_event.deadline");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, fault_pc) == 16, "struct tv_health_event.fault_pc");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, number) == 24, "struct tv_health_event.number");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, vm) == 28, "struct tv_health_event.vm");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, error) == 32, "struct tv_health_event.error");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, state) == 36, "struct tv_health_event.state");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, fault_kind) == 40, "struct tv_health_event.fault_kind");
TV_STATIC_ASSERT(offsetof(struct tv_health_event, fault_code) == 44, "struct tv_health_event.fault_code");

struct tv_schedule_status {
    uint64_t switched_at;
    uint64_t frame_ends_at;
    uint32_t current;
    uint32_t next;
};
TV_STATIC_ASSERT(sizeof(struct tv_schedule_status) == 24, "struct tv_schedule_status");
TV_STATIC_ASSERT(offsetof(struct tv_schedule_status, switched_at) == 0, "struct tv_schedule_status.switched_at");
TV_STATIC_ASSERT(offsetof(struct tv_schedule_status, frame_ends_at) == 8, "struct tv_schedule_status.frame_ends_at");
TV_STATIC_ASSERT(offsetof(struct tv_schedule_status, current) == 16, "struct tv_schedule_status.current");
TV_STATIC_ASSERT(offsetof(struct tv_schedule_status, next) == 20, "struct tv_schedule_status.next");

struct tv_update_status {
    uint32_t stage;
    uint32_t size;
    uint32_t received;
    uint32_t result;
    uint32_t why;
    uint32_t rejection;
    uint32_t slot;
    uint32_t sequence;
};
TV_STATIC_ASSERT(sizeof(struct tv_update_status) == 32, "struct tv_update_status");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, stage) == 0, "struct tv_update_status.stage");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, size) == 4, "struct tv_update_status.size");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, received) == 8, "struct tv_update_status.received");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, result) == 12, "struct tv_update_status.result");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, why) == 16, "struct tv_update_status.why");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, rejection) == 20, "struct tv_update_status.rejection");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, slot) == 24, "struct tv_update_status.slot");
TV_STATIC_ASSERT(offsetof(struct tv_update_status, sequence) == 28, "struct tv_update_status.sequence");

#endif /* TESTVISOR_STRUCTS_H */
