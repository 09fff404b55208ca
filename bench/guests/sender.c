/* Sends messages of 64 bytes, for ever. */
#include "testvisor/testvisor.h"

int main(unsigned long hart, const void *devicetree) {
  (void)hart, (void)devicetree;
  tv_result port = tv_channel_lookup("messages");
  if (port.error != TV_ERROR_SUCCESS) return 1;
  uint32_t message[16] = {0};
  for (;;) {
    message[0]++;
    if (tv_channel_queue_send((uint32_t)port.value, message, sizeof message, TV_FOR_EVER).error != TV_ERROR_SUCCESS)
      return 2;
  }
}
