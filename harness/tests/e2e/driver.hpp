// Drives the built labctl as a user would: by its command line, with folders of its own.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "process/process.hpp"
#include "temporary_folder.hpp"

namespace labctl::e2e {

// Which cache a test works with. The user's built kernels are in both.
enum class CacheOf {
  test,  // nobody else's: for tests of what is in it, or who change QEMU or kill labctl
  all,   // one for all tests of this build: saved machines and learned commands are made once, not by each
};

// A home for one test: its own state and temporary files.
class Home {
 public:
  explicit Home(CacheOf whose);

  // Runs labctl to its end. Standard input is empty. Throws if it cannot be started or does not come to an end.
  ProcessOutcome labctl(const std::vector<std::string>& arguments) const;
  // The command, for tests that start it themselves.
  ProcessSpec command(const std::vector<std::string>& arguments) const;

  // What crashes is done again in a debug kernel, as users have it. Tests that do not look at that save the time.
  void rerun_in_debug() { debug_rerun_ = true; }
  void set(const std::string& variable, const std::string& value) { extra_.emplace_back(variable, value); }
  std::filesystem::path cache() const { return caches_ / "labctl"; }
  std::filesystem::path path() const { return folder_.path(); }
  // Writes a file below the home and gives its path.
  std::filesystem::path put(const std::string& name, const std::string& bytes) const;
  // A lab of one's own that judges `module` (a .c file) with these steps (YAML, two spaces deep).
  std::filesystem::path put_lab(const std::string& id, const std::filesystem::path& module,
                                const std::string& steps) const;

 private:
  test::TemporaryFolder folder_;
  bool debug_rerun_ = false;
  std::filesystem::path caches_;  // XDG_CACHE_HOME
  std::vector<std::pair<std::string, std::string>> extra_;
};

// The cache of whoever runs the tests, where the kernels are.
std::filesystem::path user_cache();
// Whether that cache has a kernel of that name.
bool kernel_is_built(const std::string& name, const std::string& flavour = "release");
// The reason to skip a test that needs the kernel in these flavours; empty where it has them.
std::string missing_kernel(const std::string& name, const std::vector<std::string>& flavours = {"release"});

struct KernelChoice {
  std::string name, flavour;
  friend void PrintTo(const KernelChoice& choice, std::ostream* out) { *out << choice.name << " " << choice.flavour; }
};

// The kernels of these flavours that tests run on and that are built.
std::vector<KernelChoice> built_kernels(const std::vector<std::string>& flavours);

// Whether tests do all they can, as before a release: LABCTL_EXHAUSTIVE=1.
bool exhaustive();

// What `labctl run` is given for several labs: all of them when exhaustive(), else three.
std::vector<std::string> several_labs();

// Variants of one thing (mutants, wrong lines, examples of the manual) are dealt out among kernels, so that each is
// tried on one of them; on all of them when exhaustive(). Numbers count from 0.
bool is_dealt(std::size_t variant, const KernelChoice& to, const std::vector<KernelChoice>& among);

std::filesystem::path source(const std::string& below);
// The names of this repository's labs, in order.
std::vector<std::string> all_labs();
std::string slurp(const std::filesystem::path& file);
// What is in a folder, in the same order everywhere.
std::vector<std::filesystem::path> items_of(const std::filesystem::path& folder);

// Everything that a test's result, as in the JSON report, says of a failure.
std::string reasons_of(const nlohmann::json& test);

// What labctl printed, for the message of a failed test: of a JSON report only what did not pass, and last, for a log
// that is cut keeps its end.
std::string account_of(const ProcessOutcome& outcome);

// A JSON report without what differs from run to run: times and paths, and what the kernel says a second after its
// boot, whatever is done to it, when it has measured its clock (arch/x86/kernel/tsc.c, tsc_refine_calibration_work())
// or cannot use its timer (kernel/time/tick-oneshot.c, tick_switch_to_oneshot()).
std::string comparable(const std::string& report);

// Makes a cache entry's seal anew, so that it takes the files as they are for whole.
void reseal(const std::filesystem::path& entry);

// Processes whose command line or environment mentions a text; for "no QEMU is left".
std::vector<std::string> processes_mentioning(const std::string& text);

}  // namespace labctl::e2e
