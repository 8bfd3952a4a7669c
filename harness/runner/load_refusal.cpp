#include "load_refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "loadcheck/check_module.hpp"
#include "report_lines.hpp"

namespace labctl {
namespace {

bool is_logged(const std::string& line, std::span<const KmsgRecord> log) {
  return std::any_of(log.begin(), log.end(), [&line](const KmsgRecord& record) {
    return record.facility == 0 && record.text.find(line) != std::string::npos;
  });
}

}  // namespace

std::string load_refusal(const Kernel& kernel, const std::vector<BuildResult>& builds, const std::string& module,
                         const Observation& seen, const Evidence& evidence) {
  // An init function may return these too: then nothing is found.
  if (seen.error_number != ENOEXEC && seen.error_number != ENOENT && seen.error_number != EINVAL) return {};
  const auto built =
      std::find_if(builds.begin(), builds.end(), [&module](const BuildResult& one) { return one.module == module; });
  if (built == builds.end() || !built->succeeded) return {};
  const auto read = read_loading_kernel(kernel);
  if (!read) return {};
  OtherModules others;
  for (const BuildResult& other : builds)
    if (other.module != module)
      for (auto& symbol : parse_symvers(other.symbols))
        others.not_loaded.push_back(std::move(symbol));
  auto checked = check_module(built->ko, *read, others);
  if (!checked) return {};
  const std::size_t end = std::min(seen.log_end, evidence.log.size());
  const auto log = std::span(evidence.log).subspan(std::min(seen.log_begin, end), end - std::min(seen.log_begin, end));
  std::erase_if(checked->findings, [&](const Finding& one) {
    return one.error_number != seen.error_number || (!one.log.empty() && !is_logged(one.log, log));
  });
  if (checked->findings.empty()) return {};
  checked->findings.resize(1);
  find_uses(checked->findings, built->ko, [&built](const SourcePlace& place) {
    const SourceLine line = source_line(place, built->sources);
    return fmt::format("{}:{}", line.file.string(), line.line);
  });
  return advice(checked->findings.front());
}

}  // namespace labctl
