// Modules out of a source tree as it is found: companion/, a small one of our own in the manner of a book's repository.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class Tree : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
  }

  // A copy that may be changed.
  fs::path copy() const {
    fs::create_directories(lab_.parent_path());
    fs::copy(source("harness/tests/e2e/companion"), lab_,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    return lab_;
  }
  void change(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = slurp(lab_ / file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file << " has no " << from;
    std::ofstream(lab_ / file) << text.replace(at, from.size(), to);
  }

  ProcessOutcome run(const fs::path& lab, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run", lab, "--kernel", GetParam(), "--format", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.labctl(arguments);
  }
  static json result_of(const ProcessOutcome& outcome) {
    const json report = json::parse(outcome.standard_output, nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << account_of(outcome);
    return report.is_discarded() ? json() : report["labs"][0];
  }

  Home home_{CacheOf::all};
  const fs::path lab_ = home_.path() / "labs/companion";
};

INSTANTIATE_TEST_SUITE_P(Kernels, Tree, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(Tree, EveryModuleOfItDoesWhatItShould) {
  const auto outcome = run(source("harness/tests/e2e/companion"));
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  for (const auto& test : result_of(outcome)["tests"])
    EXPECT_EQ(test["status"], "passed") << test.dump(2);
}

// What lies above a module is part of it: no old build of it is used.
TEST_P(Tree, AChangedHeaderAboveIsNoticed) {
  copy();
  change("book/convenient.h", "FIRST_NUMBER 2", "FIRST_NUMBER 4");
  const json lab = result_of(run(lab_));
  EXPECT_EQ(lab["tests"][0]["status"], "failed");
  EXPECT_THAT(reasons_of(lab["tests"][0]), HasSubstr("4 and 3 is 7"));
  EXPECT_EQ(lab["tests"][1]["status"], "passed");
}

// Its makefile would leave a file if it were run, in the sandbox or out of it; the tree's own does.
TEST_P(Tree, ASubmissionsMakefileIsNotRun) {
  copy();
  const fs::path mark = home_.path() / "was-run";
  const std::string touching = "obj-m := pair_first.o\n$(shell touch " + mark.string() + ")\n$(error was run)\n";
  const std::string good = slurp(lab_ / "book/ch1/pair/pair_first.c");
  const fs::path submission = home_.put("mine/pair_first.c", "#include \"../../klib.h\"\n" + good).parent_path();
  home_.put("mine/Makefile", touching);
  home_.put("mine/Kbuild", touching);
  home_.put("labs/companion/lab.yaml",
            "lab: companion\nmodules:\n  - {name: pair_first, tree: book, folder: ch1/pair, makefile: own, "
            "make: {PAIR_STEP: 3}, cflags: [-DPAIR_STEP=1, -I../..]}\n"
            "tests: [{name: loads, steps: [{load: pair_first}]}]\n");
  for (const char* sandbox : {"on", "off"}) {
    const auto outcome = run(lab_, {"--module", submission, "--sandbox", sandbox});
    EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
    EXPECT_FALSE(fs::exists(mark)) << "--sandbox " << sandbox;
  }
  const std::string makefile = slurp(lab_ / "book/ch1/pair/Makefile");
  std::ofstream(lab_ / "book/ch1/pair/Makefile") << makefile << "$(shell touch " << mark.string() << ")\n";
  run(lab_, {"--sandbox", "on"});
  EXPECT_FALSE(fs::exists(mark)) << "the sandbox is for the author's makefiles, too";
  run(lab_, {"--sandbox", "off"});
  EXPECT_TRUE(fs::exists(mark)) << "the control";
}

TEST_P(Tree, ASubmissionSeesHeadersAndWhatTheLabNames) {
  copy();
  const std::string good = slurp(lab_ / "book/ch2/tally/tally.c");
  const fs::path own = home_.put("mine/tally.c", good);
  EXPECT_EQ(run(lab_, {"--module", own, "--test", "links a source of the tree's root"}).end.exit_status, 0)
      << "klib.c is linked to it, shared.h is a link beside it";
  const json peeping = result_of(
      run(lab_, {"--module", home_.put("peeping/tally.c", good + "#include \"../../ch1/pair/pair_first.c\"\n")}));
  EXPECT_EQ(peeping["tests"][0]["status"], "build-failed");
  EXPECT_THAT(peeping["builds"][0]["output"].get<std::string>(), HasSubstr("peeping/tally.c"));
}

// A module of several sources cannot have an object of its own name, so the link goes by another.
TEST_P(Tree, TheSourceOfTheModulesNameMayBeALink) {
  copy();
  fs::rename(lab_ / "book/ch2/tally/tally.c", lab_ / "book/tally_of_all.c");
  fs::create_symlink("../../tally_of_all.c", lab_ / "book/ch2/tally/tally.c");
  const auto outcome = run(lab_, {"--test", "links a source of the tree's root"});
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
}

TEST_P(Tree, WhatIsWrongWithTheLabIsNoModulesFault) {
  copy();
  change("lab.yaml", "line: return a + b;", "line: return a  + b;");
  auto outcome = run(lab_);
  EXPECT_EQ(outcome.end.exit_status, 2);
  EXPECT_THAT(outcome.standard_error, AllOf(HasSubstr("lab.yaml:23:9: ../../klib.c has no line \"return a  + b;\""),
                                            HasSubstr("the nearest is line 6: \"return a + b;\"")));
  change("lab.yaml", "line: return a  + b;", "line: return a + b;");
  change("lab.yaml", "pair_first\n    tree", "pair_third\n    tree");
  change("lab.yaml", "load: pair_first", "load: pair_third");
  change("lab.yaml", "unload: pair_first", "unload: pair_third");
  outcome = run(lab_);
  EXPECT_EQ(outcome.end.exit_status, 2);
  EXPECT_THAT(outcome.standard_error, AllOf(HasSubstr("ch1/pair makes no pair_third.ko"),
                                            HasSubstr("it makes: pair_first.ko, pair_second.ko")));
  fs::create_symlink("../../../../secret.h", lab_ / "book/ch2/tally/secret.h");
  outcome = run(lab_);
  EXPECT_EQ(outcome.end.exit_status, 2);
  EXPECT_THAT(outcome.standard_error, HasSubstr("ch2/tally/secret.h is a link that leaves the tree"));
}

// Counting warnings of a program that is not there is nobody's fault but the machine's.
TEST_P(Tree, SparseThatIsNotInstalledIsAskedFor) {
  const fs::path programs = home_.path() / "bin";
  fs::create_directory(programs);
  for (const char* folder : {"/usr/bin", "/usr/sbin", "/usr/local/bin"})
    for (const auto& item : fs::directory_iterator(folder)) {
      std::error_code twice;
      if (item.path().filename() != "sparse") fs::create_symlink(item, programs / item.path().filename(), twice);
    }
  home_.set("PATH", programs);
  const auto lab = [&](const std::string& expect) {
    return home_
        .put("labs/own/lab.yaml",
             "lab: own\nmodules: [{name: pair-user, tree: " + source("harness/tests/e2e/companion/book").string() +
                 ", folder: ch2/tally, sources: [tally.c, ../../klib.c]}]\n"
                 "tests: [{name: one, steps: [{build: pair-user, expect: {" +
                 expect + "}}]}]\n")
        .parent_path();
  };
  const auto outcome = run(lab("sparse: 0"));
  EXPECT_EQ(outcome.end.exit_status, 3) << outcome.standard_output;
  EXPECT_THAT(outcome.standard_output + outcome.standard_error,
              AllOf(HasSubstr("sparse is not installed"), HasSubstr("apt-get install sparse")));
  EXPECT_EQ(run(lab("warnings: 0, checkpatch: 0")).end.exit_status, 0) << "who does not ask needs none";
}

}  // namespace
}  // namespace labctl::e2e
