#include "grade/grade.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grade/results_folder.hpp"
#include "inspection.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(StudentSeed, IsAnHmac) {
  // printf '3:lab2:ab' | openssl dgst -sha256 -hmac secret
  EXPECT_EQ(student_seed("secret", "lab", "ab"), "8992f8a2d2d9bcdce7d5c60120f596aeaf8f564585bf527ce599d4ffb53cdd3f");
  EXPECT_NE(student_seed("secret", "lab", "ab"), student_seed("secret", "laba", "b"));
  EXPECT_NE(student_seed("secret", "lab", "ab"), student_seed("Secret", "lab", "ab"));
}

TEST(Inspection, FindsInstructionsThatActBehindTheKernelsBack) {
  constexpr const char* disassembly =
      "\nx.ko:     file format elf64-x86-64\n\nDisassembly of section .text:\n\n0000000000000000 <outer>:\n"
      "   0:\tpush   %rbp\n   1:\tmov    %rsp,%rbp\n   4:\tout    %al,(%dx)\n   5:\tmov    %cr0,%rax\n   8:\twrmsr\n"
      "   a:\trep outsb %ds:(%rsi),(%dx)\n   b:\tcall   10 <routine>\n  10:\tmov    %rax,%cr4\n  13:\tret\n";
  EXPECT_THAT(suspicious_instructions(disassembly), ElementsAre("mov %cr", "out", "wrmsr"));
  for (const auto* hidden :
       {"rep outsb %ds:(%rsi),(%dx)", "cs out %al,(%dx)", "rex.W wrmsr", "data16 rex.W mov %rax,%cr3"})
    EXPECT_THAT(suspicious_instructions("   0:\t" + std::string(hidden) + "\n"), testing::SizeIs(1)) << hidden;
  EXPECT_THAT(suspicious_instructions("   0:\trep stos %al,%es:(%rdi)\n   2:\trep\n   3:\t(bad)\n"), IsEmpty());
  EXPECT_THAT(suspicious_instructions("   0:\tmov    %rax,%rcx\n   3:\tin     (%dx),%al\n   4:\trdmsr\n"), IsEmpty());
}

ModuleUse use_of(std::set<std::string> symbols, std::set<std::string> instructions = {}) {
  ModuleUse use;
  use.symbols = std::move(symbols);
  use.instructions = std::move(instructions);
  return use;
}

TEST(Inspection, TheReferenceSetsTheBudget) {
  const ModuleUse use = use_of({"printk", "filp_open", "vfs_write", "register_kprobe"}, {"out"});
  EXPECT_THAT(forbidden_use(use, {}, {}), ElementsAre(HasSubstr("filp_open"), HasSubstr("register_kprobe"),
                                                      HasSubstr("vfs_write"), HasSubstr("\"out\"")));
  EXPECT_THAT(forbidden_use(use, use_of({"register_kprobe", "printk"}, {"out"}), {}),
              ElementsAre(HasSubstr("filp_open"), HasSubstr("vfs_write")));
  EXPECT_THAT(forbidden_use(use_of({"__symbol_get"}), {}, {}), testing::SizeIs(1)) << "it reaches all others";
  ModuleUse unreadable;
  unreadable.unreadable = true;
  EXPECT_THAT(forbidden_use(unreadable, {}, {}), ElementsAre(HasSubstr("too much code")));
  EXPECT_THAT(forbidden_use(use_of({"printk", "proc_create", "kmalloc"}), {}, {}), IsEmpty());
}

TEST(Inspection, TheLabSetsTheBudgetToo) {
  const ModuleUse use = use_of({"filp_open", "vfs_write", "vmalloc", "kmalloc", "__asan_load8", "memset"});
  EXPECT_THAT(forbidden_use(use, {}, {{"vfs_*"}, {}}), ElementsAre(HasSubstr("filp_open")));
  EXPECT_THAT(forbidden_use(use, {}, {{"filp_open", "vfs_*"}, {"vmalloc"}}),
              ElementsAre("it uses vmalloc, which this lab does without"));
  // A list of what is allowed, and nothing else: but what the compiler calls nobody has written.
  EXPECT_THAT(forbidden_use(use, use_of({"kmalloc"}), {{"filp_open"}, {"*"}}),
              ElementsAre(HasSubstr("vfs_write"), HasSubstr("vmalloc")));
}

TEST(FileNames, ArePlainAndTellStudentsApart) {
  EXPECT_EQ(file_name_of("s123@x.org"), "s123@x.org");
  const std::vector<std::string> ids = {"Ada",
                                        "ada",
                                        "../ada",
                                        ".ada",
                                        "-ada",
                                        "",
                                        "Григорий",
                                        "美玲",
                                        "a/b",
                                        "a b",
                                        std::string(300, 'a'),
                                        std::string(301, 'a')};
  std::set<std::string> names;
  for (const auto& id : ids) {
    const auto name = file_name_of(id);
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-+"),
              std::string::npos)
        << name;
    EXPECT_LT(name.size(), 110U);
    EXPECT_FALSE(name.starts_with('.') || name.empty()) << id;
    names.insert(name);
  }
  EXPECT_EQ(names.size(), ids.size());
  EXPECT_NE(file_name_of(file_name_of("émile")), file_name_of("émile")) << "no id is another's name";
}

GradedStudent whole_student() {
  GradedStudent student;
  student.id = "a\"b";
  student.name = "Ünlü";
  student.state = GradeState::crashed;
  student.message = "line\nbreak \xff";
  student.refusals = {"r"};
  student.notes = {"n"};
  student.files = {"a.c"};
  student.submission = "abc";
  student.compiler = "warning";
  student.late = true;
  student.key = "k";
  student.tests = {{"t", TestStatus::timeout, 5, 2, true, "hint", "message", "diagnosis", "details"}};
  return student;
}

TEST(Results, WhatIsKeptIsReadBack) {
  const auto student = whole_student();
  const auto text = student_json(student);
  const auto read = read_student(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(student_json(*read), text);
  EXPECT_EQ(read->state, GradeState::crashed);
  EXPECT_EQ(read->tests.at(0).status, TestStatus::timeout);
  EXPECT_FALSE(read_student(text.substr(0, text.size() / 2)));
  EXPECT_FALSE(read_student("{}"));
  Grading grading{"1",          "tool", "lab", "title", "spec", "seed", "debug", {{"6.1", "6.1.9", "debug", "key"}},
                  student.tests};
  const auto again = read_grading(grading_json(grading));
  ASSERT_TRUE(again);
  EXPECT_EQ(grading_json(*again), grading_json(grading));
}

class Folder : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "out"; }
  test::TemporaryFolder folder_;
};

TEST_F(Folder, KeepsResultsAndFindsThemByWhatTheyWereMadeFrom) {
  auto results = ResultsFolder::create(path());
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_TRUE(results->keep(whole_student()));
  EXPECT_TRUE(results->find("a\"b", "k"));
  EXPECT_FALSE(results->find("a\"b", "another"));
  EXPECT_FALSE(results->find("ab", "k"));
  ASSERT_TRUE(results->students());
  EXPECT_EQ(results->students()->size(), 1U);
}

TEST_F(Folder, IsNeverOverwritten) {
  {
    auto results = ResultsFolder::create(path());
    ASSERT_TRUE(results);
    EXPECT_EQ(ResultsFolder::open(path()).error().message, path().string() + " holds no grading");
    ASSERT_TRUE(results->keep(Grading{}));
    EXPECT_THAT(ResultsFolder::open(path()).error().message, HasSubstr("is in use by another labctl"));
  }
  EXPECT_THAT(ResultsFolder::create(path()).error().message, HasSubstr("holds a grading already"));
  EXPECT_TRUE(ResultsFolder::open(path()));
  ASSERT_TRUE(write_file(folder_.path() / "full/x", "x"));
  EXPECT_THAT(ResultsFolder::create(folder_.path() / "full").error().message, HasSubstr("is not empty"));
}

TEST_F(Folder, AForeignFileIsTold) {
  auto results = ResultsFolder::create(path());
  ASSERT_TRUE(results);
  ASSERT_TRUE(write_file(path() / "students/x.json", "{\"id\": 3}"));
  EXPECT_THAT(results->students().error().message, HasSubstr("x.json is not a result"));
}

TEST(AddResult, SpeaksOfTheStudentsOwnFiles) {
  Lab lab;
  lab.id = "lab";
  lab.file = "/labs/lab/lab.yaml";
  lab.modules.push_back({});
  lab.modules.front().name = "m";
  LabResult result;
  BuildResult build;
  build.module = "m";
  build.message = "/tmp/s1/m.c:3:1: error: x";
  build.output = "/tmp/s1/m.c:3:1: error: x\n";
  result.builds.push_back(build);
  TestResult failed;
  failed.name = "t";
  failed.status = TestStatus::build_failed;
  failed.points = 3;
  result.tests.push_back(failed);
  GradedStudent student;
  add_result(student, lab, result, "/tmp/s1");
  EXPECT_EQ(student.state, GradeState::build_failed);
  EXPECT_EQ(student.compiler, "m.c:3:1: error: x\n");
  EXPECT_THAT(student.message, testing::Not(HasSubstr("/tmp")));
}

TEST(AddResult, TheWorstTestIsTheState) {
  Lab lab;
  lab.file = "/labs/lab/lab.yaml";
  lab.modules.push_back({});
  const auto state_of = [&lab](std::vector<TestStatus> statuses) {
    LabResult result;
    for (const auto status : statuses) {
      TestResult one;
      one.status = status;
      result.tests.push_back(one);
    }
    GradedStudent student;
    add_result(student, lab, result, "/x");
    return student.state;
  };
  using S = TestStatus;
  EXPECT_EQ(state_of({S::passed, S::passed}), GradeState::passed);
  EXPECT_EQ(state_of({S::passed, S::not_run}), GradeState::failed);
  EXPECT_EQ(state_of({S::failed, S::timeout}), GradeState::timeout);
  EXPECT_EQ(state_of({S::crashed, S::timeout}), GradeState::crashed);
  EXPECT_EQ(state_of({S::crashed, S::tampered}), GradeState::tampered);
  EXPECT_EQ(state_of({S::infrastructure_error, S::tampered}), GradeState::infrastructure_error);
  EXPECT_EQ(state_of({}), GradeState::failed) << "nothing passed";
}

}  // namespace
}  // namespace labctl
