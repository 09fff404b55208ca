/* Which profile the guest is built for: define TESTVISOR_MACHINE_PROFILE for firmware that owns the chip
 * and starts in M-mode; without it the guest starts in S-mode and the hypervisor is its SBI. */
#ifndef TESTVISOR_PROFILE_H
#define TESTVISOR_PROFILE_H

/** The profile's own name of a trap CSR, as a string for assembly: TV_CSR("tvec") is "mtvec" or "stvec". */
#ifdef TESTVISOR_MACHINE_PROFILE
#define TV_CSR(name) "m" name
#else
#define TV_CSR(name) "s" name
#endif

#endif /* TESTVISOR_PROFILE_H */
