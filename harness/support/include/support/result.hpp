// Errors are values in the libraries; main() catches what is left once.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace labctl {

// Who has to act. It decides the exit code, so it is set where the error arises and never guessed later.
enum class Fault {
  usage,        // the command line, a lab spec or another file that the user wrote
  module,       // the module under test: it does not build, or it fails a test
  harness,      // labctl or its environment: QEMU, disk, network, permissions
  interrupted,  // Ctrl-C, SIGTERM
};

// message: what happened, to what, in one line without a final full stop (a compiler's output may follow it in
// further lines). hint: what to do next, one line, may be empty.
struct Error {
  Fault fault = Fault::harness;
  std::string message;
  std::string hint = {};
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(Fault fault, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{fault, std::move(message), std::move(hint)});
}

// Passes an error on to a caller with another result type.
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace labctl
