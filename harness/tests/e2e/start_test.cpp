// `labctl start`: from the starter to a pass, by the Makefile alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Start : public testing::Test {
 protected:
  fs::path folder() const { return home_.path() / "work" / "hello"; }

  ProcessOutcome make(std::vector<std::string> arguments) {
    ProcessSpec spec = home_.command({});
    spec.argv = {"/usr/bin/make", "-C", folder()};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    auto outcome = run_process(spec, {std::chrono::seconds(120), 1 << 20}, {});
    EXPECT_TRUE(outcome);
    return *outcome;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& item : items_of(folder()))
      names.push_back(item.filename());
    return names;
  }

  Home home_{CacheOf::all};
};

TEST_F(Start, FromTheStarterToAPass) {
  if (const auto missing = missing_kernel("6.1"); !missing.empty()) GTEST_SKIP() << missing;
  const auto started = home_.labctl({"start", "hello-lkm", folder()});
  ASSERT_EQ(started.end.exit_status, 0) << started.standard_error;
  EXPECT_THAT(started.standard_output, AllOf(HasSubstr("is yours"), HasSubstr("next: read ")));
  EXPECT_THAT(names(), ElementsAre("Makefile", "README.md", "hello-lkm.c"));

  EXPECT_THAT(slurp(folder() / "README.md"), AllOf(HasSubstr("`hello-lkm.c`"), Not(HasSubstr("`starter/"))));

  // From here the lab's name alone judges the reference, and says so.
  ProcessSpec in_folder = home_.command({"run", "hello-lkm", "--kernel", "6.1"});
  in_folder.cwd = folder();
  const auto reference = run_process(in_folder, {std::chrono::seconds(120), 1 << 20}, {});
  ASSERT_TRUE(reference);
  EXPECT_THAT(reference->standard_error, HasSubstr("judges the lab's own reference"));
  EXPECT_THAT(home_.labctl({"run", "hello-lkm", "--kernel", "6.1"}).standard_error, Not(HasSubstr("own reference")));

  const std::string run = std::string("LABCTL=") + LABCTL_PROGRAM;
  const auto before = make({"run", run});
  EXPECT_NE(before.end.exit_status, 0);
  EXPECT_THAT(before.standard_output, HasSubstr("0 of 10 points"));
  fs::copy(source("modules/hello-lkm/hello-lkm.c"), folder(), fs::copy_options::overwrite_existing);
  const auto after = make({"run", run});
  EXPECT_EQ(after.end.exit_status, 0) << account_of(after);
  EXPECT_THAT(after.standard_output, HasSubstr("10 of 10 points"));
}

TEST_F(Start, MakeAndMakeCleanNeedNoLabctl) {
  const auto kernels = built_kernels({"release"});
  if (kernels.empty()) GTEST_SKIP() << "no kernel is built";
  ASSERT_EQ(home_.labctl({"start", "hello-lkm", folder()}).end.exit_status, 0);
  const auto missing = make({"KDIR=/nowhere"});
  EXPECT_NE(missing.end.exit_status, 0);
  EXPECT_THAT(missing.standard_error, AllOf(HasSubstr("no kernel headers in /nowhere"), HasSubstr("make run")));
  const auto nothing = make({"clean", "KDIR=/nowhere"});
  EXPECT_EQ(nothing.end.exit_status, 0);
  EXPECT_THAT(nothing.standard_output, HasSubstr("nothing was built here"));

  std::string kdir;
  for (const fs::path& item : items_of(user_cache() / "kernels"))
    if (fs::exists(item / "headers/Makefile")) kdir = "KDIR=" + (item / "headers").string();
  ASSERT_FALSE(kdir.empty());
  const auto built = make({kdir, "LABCTL="});
  EXPECT_EQ(built.end.exit_status, 0) << account_of(built);
  EXPECT_TRUE(fs::exists(folder() / "hello-lkm.ko"));
  const auto plan = make({"--dry-run", "run", kdir, "LABCTL="});
  EXPECT_THAT(plan.standard_output, AllOf(HasSubstr("sudo insmod ./hello-lkm.ko"), Not(HasSubstr("labctl run"))));
  EXPECT_EQ(make({"clean", kdir}).end.exit_status, 0);
  EXPECT_THAT(names(), ElementsAre("Makefile", "README.md", "hello-lkm.c"));
}

TEST_F(Start, NothingIsOverwritten) {
  fs::create_directories(folder());
  home_.put("work/hello/mine.c", "mine\n");
  const auto started = home_.labctl({"start", "hello-lkm", folder()});
  EXPECT_EQ(started.end.exit_status, 2);
  EXPECT_THAT(started.standard_error, HasSubstr("is there already"));
  EXPECT_THAT(names(), ElementsAre("mine.c"));
  EXPECT_EQ(home_.labctl({"start", "hello-lmk"}).end.exit_status, 2);
}

TEST_F(Start, ALabOfOnesOwn) {
  const std::string course = home_.path() / "course";
  ASSERT_EQ(home_.labctl({"lab", "new", "my-lab", "--labs", course}).end.exit_status, 0);
  const auto without = home_.labctl({"start", "my-lab", folder(), "--labs", course});
  EXPECT_EQ(without.end.exit_status, 2);
  EXPECT_THAT(without.standard_error, HasSubstr("lab my-lab has no starter"));
  home_.put("course/my-lab/starter/my-lab.c", "int x;\n");
  ASSERT_EQ(home_.labctl({"start", "my-lab", folder(), "--labs", course}).end.exit_status, 0);
  EXPECT_THAT(slurp(folder() / "Makefile"),
              HasSubstr("run " + fs::canonical(course + "/my-lab").string() + " --module ."));
}

}  // namespace
}  // namespace labctl::e2e
