// The reader of kernel reports under libFuzzer; ci/fuzz builds and runs it. Whatever a guest prints, the reader must
// return, and what it returns must have the properties of kernel_log_properties.hpp.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "kernel_log_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = labctl::fuzz::kernel_log_fault(text); !fault.empty()) {
    std::fprintf(stderr, "the reader of kernel reports gives %s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
