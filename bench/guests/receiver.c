/* Receives messages of 64 bytes, each numbered one above the last, and counts. */
#include "testvisor/testvisor.h"

volatile uint32_t rounds;

int main(unsigned long hart, const void *devicetree) {
  (void)hart, (void)devicetree;
  tv_result port = tv_channel_lookup("messages");
  if (port.error != TV_ERROR_SUCCESS) return 1;
  uint32_t message[16];
  for (;;) {
    if (tv_channel_queue_receive((uint32_t)port.value, message, sizeof message, TV_FOR_EVER).error != TV_ERROR_SUCCESS)
      return 2;
    if (message[0] != ++rounds) return 3;
  }
}
