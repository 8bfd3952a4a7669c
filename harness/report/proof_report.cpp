#include "report/proof_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "report/json_list.hpp"
#include "safe_text.hpp"
#include "style.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

using namespace report;
using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;
constexpr std::size_t most_details = 12;  // lines of a fault

const char* end_name(MutantEnd end) {
  switch (end) {
    case MutantEnd::killed: return "killed";
    case MutantEnd::survived: return "survived";
    case MutantEnd::spared: return "spared";
    case MutantEnd::same: return "same-code";
    case MutantEnd::unbuildable: return "unbuildable";
    case MutantEnd::not_judged: return "not-judged";
  }
  return "not-judged";
}

class ProofText {
 public:
  explicit ProofText(const TextOptions& options) : style_(options.color), verbose_(options.verbose) {}

  std::string take(const LabProof& lab) {
    add_lab(lab);
    return std::move(out_);
  }

 private:
  void line(std::size_t indent, const std::string& text) { out_ += std::string(indent, ' ') + text + '\n'; }

  void fact(bool good, const char* what, const std::string& text) {
    const std::string sign = good ? style_.paint(Tone::good, "✓") : style_.paint(Tone::bad, "✗");
    line(2, sign + " " + padded(what, 10) + " " + text);
  }

  void add_lab(const LabProof& lab) {
    const std::string remembered = lab.remembered == 0 ? "" : fmt::format(", {} of them remembered", lab.remembered);
    line(0, style_.paint(Tone::strong, one_line(lab.title)) +
                style_.paint(Tone::dim, fmt::format("  {} · {}{} · {}", lab.lab,
                                                    counted(static_cast<std::size_t>(lab.verdicts), "module"),
                                                    remembered, human_duration(lab.took))));
    add_reference(lab);
    add_starter(lab);
    add_mutants(lab);
    add_tests(lab);
    if (verbose_)
      for (const auto& mutant : lab.mutants)
        add_mutant(mutant);
    for (const auto& fault : lab.faults)
      add_fault(fault);
    if (!lab.error.empty()) {
      line(2, style_.paint(Tone::fault, "! labctl could not judge this lab: ") + one_line(lab.error));
      if (!lab.error_hint.empty()) line(4, style_.paint(Tone::note, "next: ") + one_line(lab.error_hint));
    }
    out_ += '\n';
  }

  void add_reference(const LabProof& lab) {
    if (lab.references.empty()) return;
    std::vector<std::string> parts;
    bool good = true;
    for (const auto& one : lab.references) {
      good = good && one.failed == 0;
      parts.push_back(
          one.failed == 0
              ? fmt::format("{}{} {} runs", one.kernel, one.kernel.empty() ? one.flavour : " " + one.flavour, one.runs)
              : fmt::format("{} {} fails {} of {} runs", one.kernel, one.flavour, one.failed, one.runs));
    }
    fact(good, "reference", join(parts, ", "));
  }

  void add_starter(const LabProof& lab) {
    if (lab.starters.empty()) return;
    std::vector<std::string> parts;
    for (const auto& one : lab.starters) {
      const std::string part = fmt::format("{} of {} points", one.earned, one.points);
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
    }
    // Whether it is too much is a fault, told below.
    line(2, style_.paint(Tone::dim, "·") + " " + padded("starter", 10) + " " + join(parts, ", "));
  }

  static std::string counts_text(const LabProof& lab, bool automatic) {
    std::map<MutantEnd, int> counts;
    int all = 0;
    for (const auto& mutant : lab.mutants)
      if (mutant.automatic == automatic) {
        ++counts[mutant.end];
        ++all;
      }
    if (all == 0) return {};
    const int counted_ones = all - counts[MutantEnd::same] - counts[MutantEnd::unbuildable];
    std::string text =
        fmt::format("{} of {}{} killed", counts[MutantEnd::killed], counted_ones, automatic ? " automatic" : "");
    if (counts[MutantEnd::spared] > 0) text += fmt::format(", {} spared", counts[MutantEnd::spared]);
    if (counts[MutantEnd::not_judged] > 0) text += fmt::format(", {} not judged", counts[MutantEnd::not_judged]);
    return text;
  }

  void add_mutants(const LabProof& lab) {
    const bool good = std::none_of(lab.mutants.begin(), lab.mutants.end(), [](const MutantOutcome& mutant) {
      return mutant.end == MutantEnd::survived || mutant.end == MutantEnd::not_judged;
    });
    std::vector<std::string> parts;
    for (const bool automatic : {false, true})
      if (std::string text = counts_text(lab, automatic); !text.empty()) parts.push_back(std::move(text));
    if (!parts.empty()) fact(good, "mutants", join(parts, "; "));
  }

  void add_tests(const LabProof& lab) {
    if (lab.references.empty() || lab.tests.empty()) return;
    std::vector<std::string> parts;
    for (const auto& test : lab.tests)
      parts.push_back(fmt::format("{} {}", labctl::quoted(test.test), test.kills));
    // Whether one finds too little, only a whole check can say, as a fault.
    line(2, style_.paint(Tone::dim, "·") + " " + padded("tests", 10) + " kill: " + join(parts, ", "));
  }

  void add_mutant(const MutantOutcome& mutant) {
    std::string text = fmt::format("{}  {}", padded(end_name(mutant.end), 11), one_line(mutant.name));
    if (!mutant.kernel.empty()) text += "  " + mutant.kernel;
    if (!mutant.killers.empty()) text += "  by " + join(mutant.killers, ", ");
    if (!mutant.note.empty()) text += "  (" + one_line(mutant.note) + ")";
    line(4, style_.paint(Tone::dim, text));
  }

  void add_fault(const LabFault& fault) {
    line(2, style_.paint(Tone::bad, "✗") + " " + one_line(fault.what));
    for (const auto& detail : lines_of(fault.details, most_details))
      if (!detail.empty()) line(6, detail);
    line(6, style_.paint(Tone::note, "next: ") + one_line(fault.next));
    if (!fault.evidence.empty()) line(6, style_.paint(Tone::dim, "logs: " + one_line(fault.evidence.string(), 4096)));
  }

  Style style_;
  bool verbose_;
  std::string out_;
};

Json mutant_json(const MutantOutcome& mutant) {
  return {{"name", mutant.name},         {"about", mutant.about},       {"automatic", mutant.automatic},
          {"file", mutant.file},         {"line", mutant.line},         {"kernel", mutant.kernel},
          {"end", end_name(mutant.end)}, {"killed_by", mutant.killers}, {"note", mutant.note}};
}

Json reference_json(const ReferenceOutcome& one) {
  return {{"kernel", one.kernel}, {"flavour", one.flavour}, {"runs", one.runs}, {"failed", one.failed}};
}

Json lab_json(const LabProof& lab) {
  return {
      {"lab", lab.lab},
      {"title", lab.title},
      {"proven", proven(lab)},
      {"references", json_list(lab.references, reference_json)},
      {"starters", json_list(lab.starters,
                             [](const StarterOutcome& one) -> Json {
                               return {{"kernel", one.kernel}, {"earned", one.earned}, {"points", one.points}};
                             })},
      {"mutants", json_list(lab.mutants, mutant_json)},
      {"tests", json_list(lab.tests,
                          [](const TestPower& one) -> Json {
                            return {{"name", one.test}, {"kills", one.kills}, {"kills_of_nothing", one.kills_nothings}};
                          })},
      {"faults", json_list(lab.faults,
                           [](const LabFault& fault) -> Json {
                             return {{"what", fault.what},
                                     {"details", fault.details},
                                     {"next", fault.next},
                                     {"logs", fault.evidence.string()}};
                           })},
      {"error", lab.error},
      {"error_hint", lab.error_hint},
      {"modules", lab.verdicts},
      {"remembered", lab.remembered},
      {"took_ms", lab.took.count()}};
}

}  // namespace

std::string proof_text(const LabProof& lab, const TextOptions& options) {
  return ProofText(options).take(lab);
}

std::string proof_summary(const ProofResult& result, std::chrono::milliseconds took, const TextOptions& options) {
  std::size_t good = 0, faults = 0, unjudged = 0;
  for (const auto& lab : result.labs) {
    faults += lab.faults.size();
    if (proven(lab)) ++good;
    if (!lab.error.empty()) ++unjudged;
  }
  const bool all = good == result.labs.size() && !result.interrupted;
  std::string text =
      all ? fmt::format("{} proven", counted(good, "lab"))
          : fmt::format("{} of {} proven, {}", good, counted(result.labs.size(), "lab"), counted(faults, "fault"));
  if (unjudged > 0) text += fmt::format(", {} not judged", unjudged);
  if (result.interrupted) text = "interrupted; " + text;
  return Style(options.color).paint(all ? Tone::good : Tone::bad, text) + " in " + human_duration(took) + "\n";
}

std::string proof_json(const ProofResult& result) {
  const Json json = {{"schema_version", schema_version},  {"tool_version", result.tool_version},
                     {"started", result.started},         {"seeds", result.seeds},
                     {"interrupted", result.interrupted}, {"labs", json_list(result.labs, lab_json)}};
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace labctl
