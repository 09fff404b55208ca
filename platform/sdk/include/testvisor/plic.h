/* Interrupts of devices, through the platform-level interrupt controller. What is enabled interrupts the hart that
 * enables it, in the profile's mode, once it lets TV_EXTERNAL_INTERRUPT through. */
#ifndef TESTVISOR_PLIC_H
#define TESTVISOR_PLIC_H

/** Lets the interrupts of a device through, or keeps them back; `line` is one of TV_IRQ_…. */
void tv_plic_enable(unsigned line);
void tv_plic_disable(unsigned line);

/** Takes an interrupt: the line of the device, or 0 when none is pending (another hart was faster). */
unsigned tv_plic_claim(void);

/** It is dealt with: the device may interrupt again. */
void tv_plic_complete(unsigned line);

#endif /* TESTVISOR_PLIC_H */
