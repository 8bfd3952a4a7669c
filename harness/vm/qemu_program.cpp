#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "process/process.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "vm/host_tsc.hpp"
#include "vm/qemu.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr const char* program_name = "qemu-system-x86_64";
constexpr const char* package_hint = "apt-get install qemu-system-x86";

Result<std::string> ask(const fs::path& program, const std::vector<std::string>& question, StopToken stop) {
  ProcessSpec spec;
  spec.argv = {program.string()};
  spec.argv.insert(spec.argv.end(), question.begin(), question.end());
  auto outcome = run_process(spec, {Limits().tool, 1 << 20}, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->success()) return fail(Fault::harness, "QEMU does not run: " + outcome->describe(), package_hint);
  return outcome->standard_output;
}

// "QEMU emulator version 7.2.22 (Debian ...)"
std::string version_in(const std::string& said) {
  const std::string before = "version ";
  const auto at = said.find(before);
  if (at == std::string::npos) return "unknown";
  const auto from = at + before.size();
  return said.substr(from, said.find_first_of(" \n(", from) - from);
}

}  // namespace

Result<QemuProgram> find_qemu(const Cache& cache, StopToken stop) {
  const auto program = find_program(program_name);
  if (!program) return fail(Fault::harness, fmt::format("{} is not installed", program_name), package_hint);
  std::error_code ignored;
  const auto stamp = fmt::format("{}:{}:{}", program->string(), fs::file_size(*program, ignored),
                                 fs::last_write_time(*program, ignored).time_since_epoch().count());
  const fs::path remembered = cache.root() / "hosts" / fmt::format("qemu-{}.json", sha256_hex(stamp).substr(0, 16));

  if (auto text = read_file(remembered)) {
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (json.is_object() && json.contains("version") && json["version"].is_string() && json.contains("microvm") &&
        json["microvm"].is_boolean())
      return QemuProgram{*program, json["version"], json["microvm"], stamp, host_tsc_khz(cache)};
  }
  auto version = ask(*program, {"--version"}, stop);
  if (!version) return fail(version.error());
  auto machines = ask(*program, {"-machine", "help"}, stop);
  if (!machines) return fail(machines.error());
  QemuProgram qemu{*program, version_in(*version), machines->find("microvm") != std::string::npos, stamp,
                   host_tsc_khz(cache)};
  const nlohmann::json json = {{"version", qemu.version}, {"microvm", qemu.microvm}, {"program", program->string()}};
  if (auto written = write_file(remembered, json.dump(2) + "\n"); !written) return fail(written.error());
  return qemu;
}

}  // namespace labctl
