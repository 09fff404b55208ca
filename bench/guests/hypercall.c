/* Asks the hypervisor for its version, for ever, and counts. */
#include "testvisor/testvisor.h"

volatile uint32_t rounds;

int main(unsigned long hart, const void *devicetree) {
  (void)hart, (void)devicetree;
  for (;;) {
    if (tv_base_get_spec_version().error != TV_ERROR_SUCCESS) return 1;
    rounds++;
  }
}
