// bubblewrap: how untrusted code is compiled.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "process/process.hpp"
#include "support/result.hpp"

namespace labctl {

enum class Sandbox { on, off };

struct SandboxSpec {
  // Host folder → path inside. Nothing else of the host is visible but the compiler's own folders (/usr, /lib,
  // /bin, /sbin, ...): no home, no /etc but what the linker and alternatives need, no network.
  std::vector<std::pair<std::filesystem::path, std::string>> read_only;
  std::vector<std::pair<std::filesystem::path, std::string>> writable;
  // Host folders that are not to be seen, where they lie below one of the compiler's: labctl's own cache, labs and
  // modules (an installed labctl has the reference solutions under /usr).
  std::vector<std::filesystem::path> hidden;
  std::string cwd;  // inside
};

// Pure: the command to run inside, wrapped. The result has a clean environment (PATH, LANG=C.UTF-8, HOME=/nonexistent
// and what command.environment names).
ProcessSpec sandboxed(const SandboxSpec& sandbox, const ProcessSpec& command);

// Whether bubblewrap works here: an error says what is missing and the way out.
Status probe_sandbox(StopToken stop);

}  // namespace labctl
