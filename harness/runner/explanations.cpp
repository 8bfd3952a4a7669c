#include "runner/explanations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/report_kind.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_bytes = 16 << 10;  // of a file

Result<Explanation> read_explanation(const fs::path& file, const std::string& kind) {
  if (find_report_kind(kind) == nullptr) {
    const auto near = nearest(kind, report_kind_names());
    return fail(Fault::usage, fmt::format("{}: there is no kind of report {}", file.string(), labctl::quoted(kind)),
                near ? fmt::format("did you mean {}.txt?", *near) : "docs/kernel-reports.md has them all");
  }
  auto text = read_file(file, max_bytes);
  if (!text) return fail(text.error());
  return Explanation::parse(*text, file.string());
}

}  // namespace

Explanations read_explanations(const std::vector<fs::path>& folders, Progress& progress) {
  Explanations explanations;
  for (const fs::path& folder : folders) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.path().extension() == ".txt") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const std::string kind = file.stem().string();
      auto explanation = read_explanation(file, kind);
      if (explanation) {
        explanations.insert_or_assign(kind, std::move(*explanation));
        continue;
      }
      const Error& bad = explanation.error();
      progress.note(fmt::format("an explanation is not used: {}{}", bad.message,
                                bad.hint.empty() ? "" : fmt::format(" ({})", bad.hint)));
    }
  }
  return explanations;
}

void explain(std::vector<TestResult>& tests, const Explanations& explanations) {
  const auto explain_all = [&explanations](std::vector<KernelReport>& reports) {
    for (KernelReport& report : reports)
      if (const auto found = explanations.find(report.kind); found != explanations.end())
        report.explanation = found->second.about(report);
  };
  for (TestResult& test : tests) {
    explain_all(test.reports);
    if (test.in_debug) explain_all(test.in_debug->reports);
  }
}

}  // namespace labctl
