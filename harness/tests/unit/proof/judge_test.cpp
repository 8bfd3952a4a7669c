// What verdicts on modules say of a lab. Each test begins with a lab that is proven, and changes one thing.
#include "judge.hpp"

#include <gmock/gmock.h>

#include "proof/prove.hpp"
#include "verdicts.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Proof : public testing::Test {
 protected:
  Proof() {
    lab_.id = "gate";
    for (const char* name : {"opens", "shuts"}) {
      labctl::Test test;
      test.name = name;
      test.points = 4;
      lab_.tests.push_back(test);
    }
    WrittenMutant mutant;
    mutant.name = "stuck";
    mutant.about = "Never shuts.";
    mutant.kills = {{"shuts", "still open", {}}};
    mutants_.written.push_back(mutant);
    add(Judged::Role::reference, "reference", TestStatus::passed, TestStatus::passed).verdict.code = {"release 1"};
    add(Judged::Role::starter, "starter", TestStatus::failed, TestStatus::failed);
    Judged& stuck = add(Judged::Role::written_mutant, "stuck", TestStatus::passed, TestStatus::failed);
    stuck.about = "Never shuts.";
    stuck.written = &mutants_.written[0];
    stuck.verdict.tests[1].reasons = "the gate is still open";
    add(Judged::Role::automatic_mutant, "empty", TestStatus::failed, TestStatus::crashed).nothing = true;
    add(Judged::Role::automatic_mutant, "drop gate_open: x++;", TestStatus::failed, TestStatus::not_run);
  }

  Judged& add(Judged::Role role, const char* name, TestStatus opens, TestStatus shuts) {
    Judged judged;
    judged.role = role;
    judged.name = name;
    judged.kernel = "6.1";
    judged.flavour = role == Judged::Role::reference ? "release" : "";
    judged.verdict.code = {std::string("release of ") + name};
    for (const auto& [test, status] : {std::pair{"opens", opens}, std::pair{"shuts", shuts}}) {
      const bool passed = status == TestStatus::passed;
      judged.verdict.tests.push_back({test, status, "", 1, passed ? 0 : 1, passed ? 4 : 0, 4});
    }
    modules_.push_back(judged);
    return modules_.back();
  }

  Judged& module(const std::string& name) {
    return *std::find_if(modules_.begin(), modules_.end(), [&](const Judged& one) { return one.name == name; });
  }

  LabProof judged(bool whole = true) {
    LabProof proof;
    judge_proof(lab_, mutants_, modules_, whole, proof);
    return proof;
  }

  // The only fault.
  std::string fault() {
    const LabProof proof = judged();
    EXPECT_EQ(proof.faults.size(), 1U);
    EXPECT_FALSE(proven(proof));
    return proof.faults.empty() ? ""
                                : proof.faults[0].what + "\n" + proof.faults[0].details + "\n" + proof.faults[0].next;
  }

  Lab lab_;
  MutantList mutants_;
  std::vector<Judged> modules_;
};

TEST_F(Proof, a_lab_is_proven) {
  const LabProof proof = judged();
  EXPECT_TRUE(proven(proof)) << proof.faults[0].what;
  ASSERT_EQ(proof.mutants.size(), 3U);
  EXPECT_EQ(proof.mutants[0].end, MutantEnd::killed);
  EXPECT_THAT(proof.mutants[0].killers, ElementsAre("shuts"));
  EXPECT_THAT(proof.mutants[2].killers, ElementsAre("opens")) << "what was not run killed nothing";
  ASSERT_EQ(proof.tests.size(), 2U);
  EXPECT_EQ(proof.tests[0].kills, 2);
  EXPECT_EQ(proof.tests[0].kills_nothings, 1);
  EXPECT_EQ(proof.tests[1].kills, 2);
}

TEST_F(Proof, a_reference_that_fails_once_in_twenty) {
  TestVerdict& test = module("reference").verdict.tests[0];
  test.status = TestStatus::failed;
  test.runs = 20;
  test.failed_runs = 1;
  test.reasons = "expected 1, seen 2";
  EXPECT_THAT(fault(), HasSubstr("the reference fails \"opens\" on 6.1 release, in 1 of 20 runs\nexpected 1, seen 2"));
  EXPECT_EQ(judged().references[0].failed, 1);
}

TEST_F(Proof, a_starter_that_earns_more_than_a_quarter) {
  module("starter").verdict.tests[0].earned = 2;
  EXPECT_TRUE(proven(judged())) << "2 of 8 is a quarter";
  module("starter").verdict.tests[0].earned = 3;
  EXPECT_THAT(fault(), HasSubstr("the starter earns 3 of 8 points on 6.1, more than 25 %"));
}

TEST_F(Proof, a_starter_of_a_lab_without_points_must_fail_something) {
  for (auto& judged : modules_)
    for (auto& test : judged.verdict.tests)
      test.points = test.earned = 0;
  EXPECT_TRUE(proven(judged()));
  for (auto& test : module("starter").verdict.tests)
    test.status = TestStatus::passed;
  EXPECT_THAT(fault(), HasSubstr("it passes \"opens\", \"shuts\""));
}

TEST_F(Proof, a_starter_that_does_not_build) {
  module("starter").verdict.build_error = "no such header";
  EXPECT_THAT(fault(), HasSubstr("the starter does not build on 6.1\nno such header"));
}

TEST_F(Proof, a_mutant_that_its_test_does_not_find) {
  module("stuck").verdict.tests[1].status = TestStatus::passed;
  module("stuck").verdict.tests[0].status = TestStatus::failed;
  module("drop gate_open: x++;").verdict.tests[1].status = TestStatus::failed;
  EXPECT_THAT(fault(), HasSubstr("mutant stuck passes \"shuts\" on 6.1\nNever shuts."));
}

TEST_F(Proof, a_mutant_that_fails_for_another_reason) {
  module("stuck").verdict.tests[1].reasons = "no such file";
  EXPECT_THAT(fault(), HasSubstr("fails \"shuts\" on 6.1, but not because of \"still open\"\nno such file"));
}

TEST_F(Proof, a_mutant_that_its_test_was_not_given) {
  module("stuck").verdict.tests[1].status = TestStatus::not_run;
  module("drop gate_open: x++;").verdict.tests[1].status = TestStatus::failed;
  EXPECT_THAT(judged().faults[0].what, HasSubstr("mutant stuck was not given to \"shuts\""));
}

TEST_F(Proof, a_mutant_that_a_compiler_finds_or_that_is_none) {
  module("stuck").verdict.build_error = "expected ;";
  module("drop gate_open: x++;").verdict.tests[1].status = TestStatus::failed;
  EXPECT_THAT(fault(), HasSubstr("mutant stuck does not build on 6.1\nexpected ;"));
  module("stuck").verdict.build_error.clear();
  module("stuck").verdict.code = {"release 1"};
  EXPECT_THAT(fault(), HasSubstr("built to the same code as the reference"));
}

TEST_F(Proof, an_automatic_mutant_that_survives) {
  Judged& dropped = module("drop gate_open: x++;");
  dropped.verdict.tests[0].status = dropped.verdict.tests[1].status = TestStatus::passed;
  module("stuck").verdict.tests[0].status = TestStatus::failed;  // so that each test finds something
  EXPECT_THAT(fault(), HasSubstr("no test fails on mutant \"drop gate_open: x++;\" on 6.1"));
  dropped.verdict.code = {"release 1"};
  EXPECT_TRUE(proven(judged())) << "it is the reference";
  dropped.verdict.code = {"release 2"};
  dropped.verdict.build_error = "x is not used";
  EXPECT_TRUE(proven(judged())) << "it is no C";
  dropped.verdict.build_error.clear();
  mutants_.spared = {{"drop gate_open:*", "nobody counts", {}}};
  const LabProof proof = judged();
  EXPECT_TRUE(proven(proof));
  EXPECT_EQ(proof.mutants.back().end, MutantEnd::spared);
  EXPECT_EQ(proof.mutants.back().note, "nobody counts");
}

TEST_F(Proof, a_spared_mutant_that_there_is_not) {
  mutants_.spared = {{"drop gate_open:*", "", {}}, {"drop gate_close:*", "", {"labs/gate/mutants.yaml", 7, 3}}};
  EXPECT_THAT(fault(), HasSubstr("mutants.yaml:7: no automatic mutant is called \"drop gate_close:*\""));
  EXPECT_TRUE(proven(judged(false))) << "there were no mutants of statements";
}

TEST_F(Proof, every_test_must_fail_on_a_module_that_does_nothing) {
  module("empty").verdict.tests[1].status = TestStatus::passed;
  EXPECT_THAT(fault(), HasSubstr("test \"shuts\" passes on 6.1: empty"));
}

TEST_F(Proof, a_test_that_finds_nothing) {
  module("drop gate_open: x++;").verdict.tests[0].status = TestStatus::passed;
  module("drop gate_open: x++;").verdict.tests[1].status = TestStatus::failed;
  EXPECT_THAT(fault(), HasSubstr("test \"opens\" finds no fault in any module that does something\nit fails only on"));
  EXPECT_TRUE(proven(judged(false))) << "not every mutant was there";
}

TEST_F(Proof, what_was_not_judged_is_no_fault_of_the_lab) {
  module("stuck").verdict.not_judged = "no QEMU\ninstall it";
  module("stuck").verdict.tests[1].status = TestStatus::infrastructure_error;
  const LabProof proof = judged();
  EXPECT_EQ(proof.error, "no QEMU");
  EXPECT_EQ(proof.error_hint, "install it");
  EXPECT_THAT(proof.faults, IsEmpty());
  EXPECT_EQ(proof.mutants[0].end, MutantEnd::not_judged);
  EXPECT_FALSE(proven(proof));
}

TEST(Names, stars_stand_for_any_text) {
  EXPECT_TRUE(is_like("drop a: b;", "drop *"));
  EXPECT_TRUE(is_like("drop a: b;", "*: b;"));
  EXPECT_TRUE(is_like("drop a: b;", "d*a*b*"));
  EXPECT_TRUE(is_like("", "*"));
  EXPECT_FALSE(is_like("drop a: b;", "drop"));
  EXPECT_FALSE(is_like("drop a: b;", "*c*"));
}

TEST(Verdicts, are_remembered_as_they_were) {
  Verdict verdict;
  verdict.build_error = "a\nb";
  verdict.code = {"release 1", "debug 2"};
  verdict.tests = {{"opens \"x\"", TestStatus::timeout, "line\nline", 20, 3, 1, 4}};
  const auto read = read_verdict(verdict_text(verdict));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->build_error, verdict.build_error);
  EXPECT_EQ(read->code, verdict.code);
  ASSERT_EQ(read->tests.size(), 1U);
  const TestVerdict& test = read->tests[0];
  EXPECT_EQ(test.test, "opens \"x\"");
  EXPECT_EQ(test.status, TestStatus::timeout);
  EXPECT_EQ(test.reasons, "line\nline");
  EXPECT_THAT((std::vector<int>{test.runs, test.failed_runs, test.earned, test.points}), ElementsAre(20, 3, 1, 4));
  for (const char* bad : {"", "{}", "[]", "{\"tests\": 1, \"build_error\": \"\", \"code\": []}", "{\"tests\": [{}]}"})
    EXPECT_FALSE(read_verdict(bad)) << bad;
}

}  // namespace
}  // namespace labctl
