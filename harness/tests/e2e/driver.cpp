#include "driver.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "support/files.hpp"
#include "support/sha256.hpp"

namespace labctl::e2e {

namespace fs = std::filesystem;

fs::path user_cache() {
  if (const char* set = ::getenv("XDG_CACHE_HOME"); set != nullptr && *set == '/') return fs::path(set) / "labctl";
  const char* home = ::getenv("HOME");
  return fs::path(home != nullptr ? home : "/") / ".cache/labctl";
}

bool kernel_is_built(const std::string& name, const std::string& flavour) {
  const auto record = nlohmann::json::parse(slurp(user_cache() / "kernels/names" / (name + ".json")), nullptr, false);
  return record.is_object() && record.contains("flavours") && record["flavours"].contains(flavour);
}

std::vector<KernelChoice> built_kernels(const std::vector<std::string>& flavours) {
  std::vector<KernelChoice> built;
  for (const auto& flavour : flavours)
    for (const char* name : {"5.4", "6.1"})
      if (kernel_is_built(name, flavour)) built.push_back({name, flavour});
  return built;
}

bool exhaustive() {
  const char* asked = ::getenv("LABCTL_EXHAUSTIVE");
  return asked != nullptr && *asked == '1';
}

std::vector<std::string> several_labs() {
  if (exhaustive()) return {"--all"};
  return {"hello-lkm", "modparams", "procfs-counter"};
}

bool is_dealt(std::size_t variant, const KernelChoice& to, const std::vector<KernelChoice>& among) {
  const KernelChoice& chosen = among.at(variant % among.size());
  return exhaustive() || (chosen.name == to.name && chosen.flavour == to.flavour);
}

std::string missing_kernel(const std::string& name, const std::vector<std::string>& flavours) {
  for (const auto& flavour : flavours)
    if (!kernel_is_built(name, flavour))
      return "kernel " + name + " (" + flavour + ") is not in the cache: labctl kernel build " + name + " --flavour " +
             flavour;
  return {};
}

fs::path source(const std::string& below) {
  return fs::path(LABCTL_SOURCE) / below;
}

std::vector<std::string> all_labs() {
  std::vector<std::string> labs;
  for (const fs::path& item : items_of(source("labs")))
    if (fs::exists(item / "lab.yaml")) labs.push_back(item.filename());
  return labs;
}

std::string slurp(const fs::path& file) {
  return read_file(file).value_or("");
}

std::vector<fs::path> items_of(const fs::path& folder) {
  std::vector<fs::path> items;
  for (const auto& item : fs::directory_iterator(folder))
    items.push_back(item.path());
  std::sort(items.begin(), items.end());
  return items;
}

Home::Home(CacheOf whose)
    : caches_(whose == CacheOf::all ? fs::path(LABCTL_TEST_CACHE) : fs::path(folder_.path() / "cache")) {
  fs::create_directories(cache());
  std::error_code there_already;  // made by another test a moment ago
  fs::create_directory_symlink(user_cache() / "kernels", cache() / "kernels", there_already);
  if (whose == CacheOf::all) {
    fs::create_directories(user_cache() / "hosts");
    fs::create_directory_symlink(user_cache() / "hosts", cache() / "hosts", there_already);
    return;
  }
  // What was found out about this host (proving KVM takes 10 s where it is broken) is copied, so that what a test
  // with a QEMU of its own adds stays here.
  std::error_code absent;
  fs::copy(user_cache() / "hosts", cache() / "hosts", absent);
}

ProcessSpec Home::command(const std::vector<std::string>& arguments) const {
  ProcessSpec spec;
  spec.argv = {LABCTL_PROGRAM};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  if (!debug_rerun_ && !arguments.empty() && arguments.front() == "run") spec.argv.push_back("--no-debug-rerun");
  spec.environment = {{"XDG_CACHE_HOME", caches_.string()},
                      {"XDG_STATE_HOME", (path() / "state").string()},
                      {"XDG_CONFIG_HOME", (path() / "config").string()},
                      {"LABCTL_E2E", path().string()}};
  for (const auto& [name, value] : extra_)
    spec.environment.emplace_back(name, value);
  return spec;
}

ProcessOutcome Home::labctl(const std::vector<std::string>& arguments) const {
  // Shorter than the time that CTest gives a test, so that the test can say what labctl was doing.
  auto outcome = run_process(command(arguments), {std::chrono::seconds(560), 64 << 20}, {});
  if (!outcome) throw std::runtime_error(outcome.error().message);
  if (outcome->timed_out) throw std::runtime_error(outcome->describe());
  return *outcome;
}

fs::path Home::put(const std::string& name, const std::string& bytes) const {
  const fs::path file = path() / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

fs::path Home::put_lab(const std::string& id, const fs::path& module, const std::string& steps) const {
  const std::string name = module.stem().string();
  put("labs/" + id + "/modules/" + name + "/" + name + ".c", slurp(module));
  return put("labs/" + id + "/lab.yaml", "lab: " + id + "\ntitle: A lab of a test\nmodules:\n  - name: " + name +
                                             "\ntests:\n  - name: the test\n    steps:\n" + steps)
      .parent_path();
}

void reseal(const fs::path& entry) {
  std::string seal;
  for (const auto& item : fs::directory_iterator(entry)) {
    const std::string name = item.path().filename();
    if (name.front() != '.')
      seal += std::to_string(item.file_size()) + " " + sha256_file(item.path()).value() + " " + name + "\n";
  }
  std::ofstream(entry / ".sealed") << seal << "end\n";
}

std::vector<std::string> processes_mentioning(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& item : fs::directory_iterator("/proc")) {
    const std::string pid = item.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos || pid == std::to_string(::getpid())) continue;
    std::string command = slurp(item.path() / "cmdline");
    const bool mentions =
        command.find(text) != std::string::npos || slurp(item.path() / "environ").find(text) != std::string::npos;
    if (!mentions) continue;
    for (char& c : command)
      if (c == '\0') c = ' ';
    found.push_back(pid + " " + command);
  }
  return found;
}

std::string reasons_of(const nlohmann::json& test) {
  std::string text = test["message"].get<std::string>() + "\n";
  for (const auto& step : test["steps"])
    for (const auto& check : step["checks"])
      if (!check["passed"].get<bool>())
        text += step["summary"].get<std::string>() + ": " + check["what"].get<std::string>() + ": " +
                check.value("expected", "") + ": " + check.value("seen", "") + "\n";
  return text;
}

std::string account_of(const ProcessOutcome& outcome) {
  std::string text = outcome.describe() + "\n" + outcome.standard_error;
  const auto report = nlohmann::json::parse(outcome.standard_output, nullptr, false);
  if (!report.is_object() || !report.contains("labs") || !report["labs"].is_array() || report["labs"].empty() ||
      !report["labs"][0].contains("builds"))
    return text + outcome.standard_output;
  for (const auto& lab : report["labs"]) {
    for (const auto& build : lab["builds"])
      if (!build["succeeded"].get<bool>()) text += build["module"].dump() + ": " + build["output"].get<std::string>();
    for (const auto& test : lab["tests"]) {
      if (test["status"] == "passed") continue;
      text += test["console_tail"].get<std::string>() + "\n";
      for (const auto& line : test["log_excerpt"])
        text += line.get<std::string>() + "\n";
      text += lab["lab"].get<std::string>() + ": " + test["name"].get<std::string>() + ": " +
              test["status"].get<std::string>() + ": " + reasons_of(test);
    }
  }
  return text;
}

std::string comparable(const std::string& text) {
  static const std::regex log_times(R"re(\[ *\d+\.\d{6}\])re");
  // The last three come where the kernel did not trust its APIC timer when it booted, as on a busy host.
  static const std::regex clock(
      "clocksource: (tsc: mask: .*|Switched to clocksource tsc)|tsc: Refined TSC .*|"
      "Clockevents: could not switch to one-shot mode:.*| lapic is not functional\\.|"
      "Could not switch to high resolution mode on CPU \\d+");
  nlohmann::json report = nlohmann::json::parse(text);
  const auto strip = [](const auto& self, nlohmann::json& value) -> void {
    if (value.is_object())
      for (const char* key : {"took_ms", "timestamp_us", "started", "folder", "ko"})
        value.erase(key);
    if (value.is_array())
      std::erase_if(value.get_ref<nlohmann::json::array_t&>(), [](const nlohmann::json& record) {
        const bool kept = record.is_object() && record.contains("text");
        return (kept && std::regex_match(record["text"].get<std::string>(), clock)) ||
               (record.is_string() && std::regex_search(record.get<std::string>(), clock));
      });
    if (value.is_string()) value = std::regex_replace(value.get<std::string>(), log_times, "[time]");
    if (value.is_structured())
      for (auto& below : value)
        self(self, below);
  };
  strip(strip, report);
  return report.dump(2);
}

}  // namespace labctl::e2e
