// `labctl grade`: a grading that was cut short, or done in parts, ends as one that was not.
#include <signal.h>

#include <fstream>
#include <thread>

#include "grading.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;

class CutShort : public Grading {
 protected:
  void SetUp() override {
    Grading::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < 6; ++i)
      hand_in("good" + std::to_string(i), reference() + "/* " + std::to_string(i) + " */\n");
    hand_in("quiet", changed(reference(), "pr_info(\"Goodbye", "pr_debug(\"Goodbye"));
    hand_in("crash", instead("BUG();"));
    hand_in("none", "int x = ;\n");
  }
};

TEST_F(CutShort, EndsAsIfItHadNotBeen) {
  ASSERT_EQ(grade("whole", {"--jobs", "1"}).end.exit_status, 0);

  auto child = start_process(home_.command(arguments("cut", {"--jobs", "4"})), false);
  ASSERT_TRUE(child) << child.error().message;
  // Killed once some are graded and others are not.
  const auto graded = [this] {
    std::error_code none;
    return fs::exists(out("cut") / "students", none) ? items_of(out("cut") / "students").size() : 0;
  };
  while (graded() < 2 && !child->poll_end())
    std::this_thread::yield();
  ::kill(child->pid(), SIGKILL);
  EXPECT_EQ(child->terminate(std::chrono::seconds(5)).signal, SIGKILL) << "it was over before";
  EXPECT_FALSE(fs::exists(out("cut") / "gradebook.csv"));

  EXPECT_EQ(grade("cut", {"--jobs", "4"}).end.exit_status, 2) << "nothing is overwritten";
  // Kernel and seed are what they were.
  const auto resumed = home_.labctl({"grade", "hello-lkm", in(), "--out", out("cut"), "--resume"});
  EXPECT_EQ(resumed.end.exit_status, 0) << resumed.standard_error;
  EXPECT_THAT(resumed.standard_output, HasSubstr("were graded before and are kept"));
  EXPECT_EQ(slurp(out("cut") / "gradebook.csv"), slurp(out("whole") / "gradebook.csv"));
  EXPECT_EQ(slurp(out("cut") / "class.html"), slurp(out("whole") / "class.html"));
}

// Before anybody is graded there is nothing to go on with, and nothing in the way.
TEST_F(CutShort, AtItsVeryBeginningLeavesNothing) {
  auto child = start_process(home_.command(arguments("cut", {})), false);
  ASSERT_TRUE(child) << child.error().message;
  while (!fs::exists(out("cut") / "reference") && !child->poll_end())
    std::this_thread::yield();
  ::kill(child->pid(), SIGKILL);
  ASSERT_EQ(child->terminate(std::chrono::seconds(5)).signal, SIGKILL) << "it was over before";
  ASSERT_FALSE(fs::exists(out("cut") / "grading.json"));
  const auto again = grade("cut", {"--only", "good0"});
  EXPECT_EQ(again.end.exit_status, 0) << again.standard_error;
}

TEST_F(CutShort, ShardsMakeTheSameBook) {
  ASSERT_EQ(grade("whole", {}).end.exit_status, 0);
  ASSERT_EQ(grade("one", {"--shard", "1/2"}).end.exit_status, 0);
  ASSERT_EQ(grade("two", {"--shard", "2/2"}).end.exit_status, 0);
  // Who is in the other shard is in this one neither graded nor missing; who handed in nothing is missing.
  const fs::path roster = home_.put("roster.csv", "id\ngood0\ngood1\nzoe\n");
  ASSERT_EQ(grade("one", {"--shard", "1/2", "--resume", "--roster", roster}).end.exit_status, 0);
  const std::string part = slurp(out("one") / "gradebook.csv");
  EXPECT_THAT(part, HasSubstr("zoe,,,missing"));
  EXPECT_NE(part.find("\ngood0,") == std::string::npos, part.find("\ngood1,") == std::string::npos) << part;
  const auto merged = home_.labctl({"grade", "merge", out("one"), out("two"), "--out", out("merged")});
  EXPECT_EQ(merged.end.exit_status, 0) << merged.standard_error;
  EXPECT_EQ(slurp(out("merged") / "gradebook.csv"), slurp(out("whole") / "gradebook.csv"));
  const auto again = home_.labctl({"grade", "merge", out("one"), out("one"), "--out", out("again")});
  EXPECT_EQ(again.end.exit_status, 2);
}

TEST_F(CutShort, ABetterSubmissionIsGradedAgainAndNoOther) {
  ASSERT_EQ(grade("out", {"--only", "none", "--only", "good0"}).end.exit_status, 0);
  EXPECT_EQ(students().at("none").at("state"), "build-failed");
  const auto before = fs::last_write_time(out() / "students/good0.json");
  hand_in("none", reference());
  ASSERT_EQ(grade("out", {"--only", "none", "--only", "good0", "--resume"}).end.exit_status, 0);
  EXPECT_EQ(students().at("none").at("state"), "passed");
  EXPECT_EQ(fs::last_write_time(out() / "students/good0.json"), before);
}

// After a change of the spec: who has another grade, and because of which test. What did not change is not done again.
TEST_F(CutShort, ARegradeSaysWhoChangesAndWhy) {
  const fs::path labs = home_.path() / "course/labs";
  const fs::path spec = labs / "hello-lkm/lab.yaml";
  fs::create_directories(labs);
  fs::copy(source("labs/hello-lkm"), labs / "hello-lkm", fs::copy_options::recursive);
  home_.put("course/modules/hello-lkm/hello-lkm.c", reference());
  hand_in("mute", changed(reference(), "pr_info(\"Hello", "pr_debug(\"Hello"));
  ASSERT_EQ(grade("out", {"--labs", labs}).end.exit_status, 0);

  // The second test no longer asks for the goodbye at a level.
  const std::string before = slurp(spec);
  home_.put("course/labs/hello-lkm/lab.yaml", changed(before, "\", level: info, since: step}", "\", since: step}"));
  const std::vector<std::string> regrade = {"regrade", "hello-lkm", in(),       "--labs",
                                            labs,      "--diff",    out("out"), "--out"};
  auto once = regrade;
  once.push_back(out("again"));
  const auto outcome = home_.labctl(once);
  EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
  const auto was = students("out"), is = students("again");
  ASSERT_EQ(was.size(), is.size());
  for (const auto& [id, student] : is) {
    SCOPED_TRACE(id);
    if (student.at("state") == "build-failed") continue;
    // What was taken over has the times of the guest that it was seen in.
    EXPECT_EQ(student.at("tests").at(0), was.at(id).at("tests").at(0));
    EXPECT_NE(student.at("tests").at(1).at("key"), was.at(id).at("tests").at(1).at("key"));
  }
  EXPECT_THAT(slurp(out("again") / "changes.csv"), Eq("id,name,before,after,why\n"))
      << "pr_debug() says nothing at all";

  // Now it asks for more than the one with the quiet goodbye lacks, and gives fewer points.
  home_.put("course/labs/hello-lkm/lab.yaml", changed(before, "points: 5\n    hint: >-\n      module_exit",
                                                      "points: 3\n    hint: >-\n      module_exit"));
  auto twice = regrade;
  twice.push_back(out("third"));
  ASSERT_EQ(home_.labctl(twice).end.exit_status, 0);
  const std::string changes = slurp(out("third") / "changes.csv");
  EXPECT_THAT(changes,
              HasSubstr("good0,,10,8,\"says goodbye and leaves nothing behind: passed, 5 of 5 -> passed, 3 of 3\"\n"));
  EXPECT_THAT(changes, Not(HasSubstr("greets")));
}

// What read_exports.py, which knows the platforms' formats and nothing of labctl, makes of it.
TEST_F(Grading, ThePlatformsReadTheGradesThatAreInTheGradebook) {
  hand_in("11", reference());
  hand_in("12", changed(reference(), "pr_info(\"Goodbye", "pr_debug(\"Goodbye"));
  hand_in("13", "int x = ;\n");
  const fs::path roster =
      home_.put("roster.csv",
                "id,name,submitted\n11,Ada,2026-11-22T12:00:00Z\n12,\"Ng, Bo\",2026-11-20T12:00:00Z\n"
                "13,Eve,2026-11-20T12:00:00Z\n14,Zoe,\n");
  const fs::path canvas = home_.put("canvas-in.csv",
                                    "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (77),Lab 2 (78)\n"
                                    "    Points Possible,,,,,10,10\nAda,11,s1,ada,A,4,\n\"Ng, Bo\",12,s2,bo,A,5,\n"
                                    "Eve,13,s3,eve,A,6,8\nOther,99,s9,oth,A,1,2\n");
  const fs::path moodle =
      home_.put("moodle-in.csv",
                "Identifier,Full name,Status,Grade,Maximum Grade,Feedback comments\n"
                "Participant 11,Ada,Submitted,,10.00,\nParticipant 12,\"Ng, Bo\",Submitted,,10.00,\n"
                "Participant 13,Eve,Submitted,3.00,10.00,good\n");
  const auto graded =
      grade("out", {"--roster", roster, "--due", "2026-11-21T00:00:00Z", "--late-per-day", "25", "--gradescope",
                    "--github", "--canvas", canvas, "--canvas-column", "Lab 2", "--moodle", moodle});
  ASSERT_EQ(graded.end.exit_status, 0) << graded.standard_error;
  const std::string book = slurp(out() / "gradebook.csv");
  EXPECT_THAT(book, HasSubstr("11,Ada,,passed,5,10,10,50,"));
  EXPECT_THAT(book, HasSubstr("12,\"Ng, Bo\",,failed,5,10,5,,"));
  EXPECT_THAT(book, HasSubstr("13,Eve,,build-failed,0,10,0,,"));

  ProcessSpec reader;
  reader.argv = {"/usr/bin/python3",
                 source("harness/tests/e2e/read_exports.py"),
                 out(),
                 "--canvas",
                 canvas,
                 "Lab 2",
                 "--moodle",
                 moodle};
  const auto read = run_process(reader, {std::chrono::seconds(60), 1 << 20}, {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->end.exit_status, 0) << read->standard_error;
  EXPECT_EQ(read->standard_output,
            "gradescope 11 5\ngradescope 12 5\ngradescope 13 0\ngithub 11 5\ngithub 12 5\ngithub 13 0\n"
            "canvas 11 5\ncanvas 12 5\ncanvas 13 0\nmoodle 11 5\nmoodle 12 5\nmoodle 13 0\n");

  // That it can say no.
  std::ofstream(out() / "gradescope/11/results.json") << R"({"score": "5"})";
  EXPECT_EQ(run_process(reader, {std::chrono::seconds(60), 1 << 20}, {})->end.exit_status, 1);
}

TEST_F(Grading, ALabWhoseReferenceFailsGradesNobody) {
  hand_in("ada", reference());
  fs::create_directories(home_.path() / "course/labs");
  fs::copy(source("labs/hello-lkm"), home_.path() / "course/labs/hello-lkm", fs::copy_options::recursive);
  home_.put("course/modules/hello-lkm/hello-lkm.c", changed(reference(), "Goodbye", "Farewell"));
  const auto outcome = grade("out", {"--labs", home_.path() / "course/labs"});
  EXPECT_EQ(outcome.end.exit_status, 2);
  EXPECT_THAT(outcome.standard_error, HasSubstr("the lab's own reference does not pass"));
}

// The reference of every lab, and its starter, are what a student may hand in.
TEST(EveryLabsFiles, CanBeHandedIn) {
  if (!find_program("sim_c")) GTEST_SKIP() << "sim_c is not installed: apt install similarity-tester";
  const Home home{CacheOf::all};
  std::size_t labs = 0;
  for (const fs::path& item : items_of(source("labs"))) {
    const fs::path reference = source("modules") / item.filename();
    if (!fs::exists(item / "starter") || !fs::exists(reference)) continue;
    const fs::path in = home.path() / "in" / item.filename();
    fs::create_directories(in);
    fs::copy(reference, in / "ada", fs::copy_options::recursive);
    fs::copy(item / "starter", in / "bo", fs::copy_options::recursive);
    const auto outcome = home.labctl({"similar", item.filename(), in});
    EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
    EXPECT_THAT(outcome.standard_output, HasSubstr("of 2 submissions compared")) << outcome.standard_error;
    ++labs;
  }
  EXPECT_GE(labs, 36U);
}

TEST(GradeUsage, SaysWhatIsWrong) {
  const Home home{CacheOf::all};
  const fs::path in = home.put("in/ada.c", "x").parent_path();
  const fs::path twice = home.put("twice.csv", "id\na\na\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"grade"}, "labctl grade LAB SUBMISSIONS"},
      {{"grade", "hello-lkm", in}, "--out"},
      {{"grade", "hello-lkm", home.path() / "none", "--out", home.path() / "o"}, "cannot read the folder"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--roster", twice}, "second student with the id \"a\""},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--only", "adda"}, "did you mean \"ada\"?"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--shard", "3/2"}, "no part of a whole"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--late-per-day", "10"}, "add --due"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--resume"}, "holds no grading"},
      {{"grade", "hello-lkm", in, "--out", in / "grades"}, "is in the folder of the submissions"},
      {{"grade", "merge", home.path() / "none", "--out", home.path() / "o"}, "holds no grading"},
  };
  for (const auto& [arguments, told] : wrong) {
    const auto outcome = home.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, 2) << told << outcome.standard_error;
    EXPECT_THAT(outcome.standard_error, HasSubstr(told));
  }
}

}  // namespace
}  // namespace labctl::e2e
