// What `labctl lab check` prints: golden/proof. LABCTL_UPDATE_GOLDEN=1 rewrites it; look at the difference.
#include "report/proof_report.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/files.hpp"

namespace labctl {
namespace {

using testing::HasSubstr;

ProofResult a_result() {
  LabProof gate;
  gate.lab = "gate";
  gate.title = "A gate";
  gate.references = {{"6.1", "release", 40, 0}, {"6.1", "debug", 40, 1}};
  gate.starters = {{"6.1", 0, 8}, {"5.4", 0, 8}};
  gate.mutants = {{"stuck", "Never shuts.", false, "", 0, "6.1", MutantEnd::killed, {"opens", "shuts"}, ""},
                  {"loud", "Shouts.", false, "", 0, "6.1", MutantEnd::survived, {}, ""},
                  {"empty", "Nothing.", true, "", 0, "6.1", MutantEnd::killed, {"opens", "shuts"}, ""},
                  {"drop gate_open: x++;",
                   "gate_open() lacks a statement.",
                   true,
                   "gate.c",
                   7,
                   "6.1",
                   MutantEnd::spared,
                   {},
                   "Nobody counts."},
                  {"drop gate_open: y++;", "", true, "gate.c", 8, "6.1", MutantEnd::same, {}, ""},
                  {"drop gate_open: z = 1;", "", true, "gate.c", 9, "6.1", MutantEnd::unbuildable, {}, ""}};
  gate.tests = {{"opens", 2, 1}, {"shuts", 2, 1}, {"is \"there\"", 1, 1}};
  gate.faults = {
      {"mutant loud passes \"opens\" on 6.1", "Shouts.\n", "make the test stricter", "/runs/gate/6.1/004-loud"},
      {"the lab has no starter", "", "make one", {}}};
  gate.verdicts = 9;
  gate.remembered = 3;
  gate.took = std::chrono::milliseconds(12345);
  LabProof good;
  good.lab = "bell";
  good.title = "A bell";
  good.references = {{"6.1", "release", 20, 0}};
  good.starters = {{"6.1", 0, 0}};
  good.mutants = {{"mute", "Rings not.", false, "", 0, "6.1", MutantEnd::killed, {"rings"}, ""}};
  good.tests = {{"rings", 1, 0}};
  good.verdicts = 3;
  good.took = std::chrono::milliseconds(2000);
  LabProof unjudged;
  unjudged.lab = "lost";
  unjudged.title = "Lost";
  unjudged.error = "no QEMU";
  unjudged.error_hint = "apt-get install qemu-system-x86";
  ProofResult result;
  result.tool_version = "1.0";
  result.started = "2026-01-01T00:00:00Z";
  result.seeds = 20;
  result.labs = {gate, good, unjudged};
  return result;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(LABCTL_GOLDEN) / "proof" / name;
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file(file, text));
  }
  EXPECT_EQ(text, read_file(file).value_or(""));
}

std::string text_of(const TextOptions& options) {
  std::string text;
  for (const auto& lab : a_result().labs)
    text += proof_text(lab, options);
  return text + proof_summary(a_result(), std::chrono::milliseconds(12400), options);
}

TEST(ProofReport, as_text) {
  expect_golden("proof.txt", text_of({}));
}

TEST(ProofReport, as_text_with_everything) {
  expect_golden("proof-verbose.txt", text_of({false, true}));
}

TEST(ProofReport, as_json) {
  expect_golden("proof.json", proof_json(a_result()));
}

TEST(ProofReport, says_what_is_proven) {
  ProofResult result = a_result();
  result.labs = {result.labs[1]};
  EXPECT_EQ(proof_summary(result, std::chrono::milliseconds(1900), {}), "1 lab proven in 1.90 s\n");
  result.interrupted = true;
  EXPECT_THAT(proof_summary(result, std::chrono::milliseconds(1900), {}), HasSubstr("interrupted; 1 of 1 lab proven"));
}

}  // namespace
}  // namespace labctl
