// The spec reader under libFuzzer; ci/fuzz builds and runs it. Whatever the bytes, the reader must return, and what it
// returns must have the properties of lab_spec_properties.hpp.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "lab_spec_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = labctl::fuzz::lab_spec_fault(text); !fault.empty()) {
    std::fprintf(stderr, "the spec reader gives %s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
