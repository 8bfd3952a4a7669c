// `labctl lab`, from its command line to what is printed and written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cli/cli.hpp"
#include "spec/lab_reader.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Said {
  ExitCode code;
  std::string out;
  std::string err;
};

Said labctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "labctl");
  std::vector<char*> argv;
  for (auto& argument : arguments)
    argv.push_back(argument.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const ExitCode code = run_cli(static_cast<int>(argv.size()), argv.data(), {});
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class LabCommand : public testing::Test {
 protected:
  fs::path put(const std::string& lab, const std::string& text) const {
    fs::create_directories(labs_ / lab);
    std::ofstream(labs_ / lab / "lab.yaml", std::ios::binary) << text;
    return labs_ / lab / "lab.yaml";
  }
  fs::path put_good(const std::string& lab) const {
    return put(lab, "lab: " + lab + "\nmodules: [{name: mod}]\ntests:\n- name: one\n  steps: [{load: mod}]\n" +
                        "- name: two\n  steps: [{load: mod}, {dmesg: here}]\n");
  }
  // Two errors, in lines 1 and 6.
  fs::path put_bad(const std::string& lab) const {
    return put(lab, "lba: " + lab + "\nmodules: [{name: mod}]\ntests:\n- name: one\n  steps:\n  - laod: mod\n");
  }

  const test::TemporaryFolder temporary_;
  const fs::path labs_ = temporary_.path() / "labs";
};

TEST_F(LabCommand, lint_counts_what_is_in_a_good_spec) {
  const fs::path file = put_good("fine");
  const Said said = labctl({"lab", "lint", file});
  EXPECT_EQ(said.code, ExitCode::passed);
  EXPECT_EQ(said.out, file.string() + ": ok, 2 tests, 3 steps\n1 spec, no errors\n");
  EXPECT_EQ(said.err, "");
}

TEST_F(LabCommand, lint_takes_files_folders_and_names) {
  put_good("one");
  put_good("two");
  const Said said = labctl({"lab", "lint", labs_ / "one" / "lab.yaml", labs_ / "one", "two", "--labs", labs_});
  EXPECT_EQ(said.code, ExitCode::passed);
  EXPECT_THAT(said.out, AllOf(HasSubstr("two/lab.yaml: ok"), HasSubstr("3 specs, no errors")));
}

TEST_F(LabCommand, lint_reads_the_labs_of_this_repository) {
  const Said said = labctl({"lab", "lint", "hello-lkm", std::string(LABCTL_SOURCE) + "/labs/modparams"});
  EXPECT_EQ(said.code, ExitCode::passed) << said.out << said.err;
}

TEST_F(LabCommand, lint_shows_every_error_of_every_spec) {
  const fs::path first = put_bad("first"), good = put_good("good"), last = put_bad("last");
  const Said said = labctl({"lab", "lint", first, good, last});
  EXPECT_EQ(said.code, ExitCode::usage);
  EXPECT_THAT(said.out, StartsWith(first.string() + ":1:1: error: unknown key \"lba\" in the lab\n  lba: first\n  ^\n" +
                                   "  hint: did you mean \"lab\"?\n" + first.string() +
                                   ":6:5: error: unknown step \"laod\"\n    - laod: mod\n      ^\n" +
                                   "  hint: did you mean \"load\"?\n" + good.string() + ": ok, 2 tests, 3 steps\n" +
                                   last.string() + ":1:1: error"));
  EXPECT_THAT(said.out, HasSubstr("3 specs, 1 ok, 2 with 4 errors;"));
}

TEST_F(LabCommand, lint_looks_into_source_trees) {
  const fs::path spec = put("book",
                            "lab: book\nmodules:\n- name: one\n  tree: tree\n  folder: ch1\n"
                            "  replace: [{file: one.c, line: return 0;, with: return 1;}]\n"
                            "- {name: two, tree: tree, folder: ch2}\n- {name: three, tree: nowhere}\n"
                            "tests: [{name: loads, steps: [{load: one}]}]\n");
  fs::create_directories(labs_ / "book/tree/ch1");
  std::ofstream(labs_ / "book/tree/ch1/one.c") << "\treturn  0;\n";
  const Said said = labctl({"lab", "lint", spec});
  EXPECT_EQ(said.code, ExitCode::usage);
  EXPECT_THAT(
      said.out,
      AllOf(HasSubstr(spec.string() + ":6:13: one.c has no line \"return 0;\"\n  hint: the nearest is "),
            HasSubstr(spec.string() + ":7:3: there is nothing in "),
            HasSubstr(spec.string() + ":8:3: there is no folder "), HasSubstr("1 spec, 0 ok, 1 with 3 errors;")));

  std::ofstream(labs_ / "book/tree/ch1/one.c") << "\treturn 0;\n";
  fs::create_directories(labs_ / "book/tree/ch2");
  std::ofstream(labs_ / "book/tree/ch2/two.c") << "\n";
  fs::create_directories(labs_ / "book/nowhere");
  std::ofstream(labs_ / "book/nowhere/three.c") << "\n";
  EXPECT_THAT(labctl({"lab", "lint", spec}).out, HasSubstr("1 spec, no errors"));
}

TEST_F(LabCommand, lint_shows_more_than_run_does_and_says_what_it_leaves_out) {
  std::string keys;
  for (int i = 0; i < 1200; ++i)
    keys += "key" + std::to_string(i) + ": x\n";
  const fs::path file = put("wide", keys);
  const Said said = labctl({"lab", "lint", file});
  EXPECT_EQ(said.code, ExitCode::usage);
  EXPECT_THAT(said.out, HasSubstr(":999:1: error"));
  EXPECT_THAT(said.out, HasSubstr("more errors not shown\n"));
  EXPECT_THAT(said.out, HasSubstr("1 spec, 0 ok, 1 with 1203 errors;"));
}

TEST_F(LabCommand, lint_goes_on_after_a_spec_that_is_not_there) {
  const fs::path good = put_good("good");
  const Said said = labctl({"lab", "lint", "goood", labs_ / "none", good, "--labs", labs_});
  EXPECT_EQ(said.code, ExitCode::usage);
  EXPECT_THAT(said.err, AllOf(HasSubstr("did you mean \"good\"?"), HasSubstr("there is no lab at ")));
  EXPECT_THAT(said.out, AllOf(HasSubstr(good.string() + ": ok"), HasSubstr("3 specs, 1 ok, 2 with 2 errors;")));
}

TEST_F(LabCommand, lint_needs_a_spec) {
  EXPECT_EQ(labctl({"lab", "lint"}).code, ExitCode::usage);
  EXPECT_EQ(labctl({"lab"}).code, ExitCode::usage);
}

TEST_F(LabCommand, show_says_what_a_spec_means) {
  const Said said = labctl({"lab", "show", put_good("fine")});
  EXPECT_EQ(said.code, ExitCode::passed) << said.err;
  EXPECT_THAT(said.out, AllOf(StartsWith("fine: fine\n"), HasSubstr("\ntest 2: two\n    1  load mod\n")));
}

TEST_F(LabCommand, show_gives_json) {
  const Said said = labctl({"lab", "show", put_good("fine"), "--format", "json"});
  EXPECT_EQ(said.code, ExitCode::passed) << said.err;
  EXPECT_THAT(said.out, StartsWith("{\n  \"schema_version\": 1,\n  \"lab\": \"fine\","));
  EXPECT_EQ(labctl({"lab", "show", put_good("fine"), "--format", "yaml"}).code, ExitCode::usage);
}

TEST_F(LabCommand, show_shows_the_errors_of_a_bad_spec) {
  const Said said = labctl({"lab", "show", put_bad("bad")});
  EXPECT_EQ(said.code, ExitCode::usage);
  EXPECT_THAT(said.out, IsEmpty());
  EXPECT_THAT(said.err, AllOf(HasSubstr("unknown key \"lba\""), HasSubstr("unknown step \"laod\"")));
}

TEST_F(LabCommand, schema_prints_the_schema) {
  const Said said = labctl({"lab", "schema"});
  EXPECT_EQ(said.code, ExitCode::passed) << said.err;
  EXPECT_EQ(said.out, content(fs::path(LABCTL_SOURCE) / "docs" / "lab.schema.json"));
}

// The tests' program is in the source tree, as the schema is; these labs are not.
TEST_F(LabCommand, new_names_the_schema_for_editors) {
  ASSERT_EQ(labctl({"lab", "new", "my-lab", "--labs", labs_}).code, ExitCode::passed);
  const std::string line = "# yaml-language-server: $schema=";
  const std::string spec = content(labs_ / "my-lab" / "lab.yaml");
  ASSERT_THAT(spec, StartsWith(line + "/"));
  const fs::path schema = spec.substr(line.size(), spec.find('\n') - line.size());
  EXPECT_TRUE(fs::equivalent(schema, fs::path(LABCTL_SOURCE) / "docs" / "lab.schema.json")) << schema;
}

TEST_F(LabCommand, labs_of_this_repository_name_the_schema) {
  for (const auto& folder : fs::directory_iterator(fs::path(LABCTL_SOURCE) / "labs")) {
    if (!fs::exists(folder.path() / "lab.yaml")) continue;
    EXPECT_THAT(content(folder.path() / "lab.yaml"),
                StartsWith("# yaml-language-server: $schema=../../docs/lab.schema.json\n"));
    EXPECT_TRUE(fs::exists(folder.path() / "../../docs/lab.schema.json"));
  }
}

TEST_F(LabCommand, new_makes_a_lab_and_says_what_is_next) {
  const Said said = labctl({"lab", "new", "my-lab", "--labs", labs_});
  ASSERT_EQ(said.code, ExitCode::passed) << said.err;
  EXPECT_THAT(said.out, HasSubstr("labctl run my-lab --labs " + labs_.string() + "\n"));
  const auto lab = read_lab(labs_ / "my-lab" / "lab.yaml");
  ASSERT_TRUE(lab) << lab.error().message;
  EXPECT_EQ(lab->id, "my-lab");
  EXPECT_TRUE(fs::is_regular_file(labs_ / "my-lab" / "modules" / lab->modules[0].name / lab->modules[0].sources[0]));
  EXPECT_EQ(labctl({"lab", "lint", labs_ / "my-lab"}).code, ExitCode::passed);
}

TEST_F(LabCommand, new_leaves_what_is_there_alone) {
  const fs::path file = put("mine", "my own");
  fs::create_symlink("nowhere", labs_ / "link");
  std::ofstream(labs_ / "file") << "too";
  for (const char* name : {"mine", "link", "file"}) {
    const Said said = labctl({"lab", "new", name, "--labs", labs_});
    EXPECT_EQ(said.code, ExitCode::usage) << name;
    EXPECT_THAT(said.err, AllOf(HasSubstr(" is there already"), HasSubstr("another name"))) << name;
  }
  EXPECT_EQ(content(file), "my own");
  EXPECT_FALSE(fs::exists(labs_ / "mine" / "modules"));
}

TEST_F(LabCommand, new_refuses_a_bad_name_and_offers_a_good_one) {
  const Said said = labctl({"lab", "new", "My Lab_2!", "--labs", labs_});
  EXPECT_EQ(said.code, ExitCode::usage);
  EXPECT_THAT(said.err, AllOf(HasSubstr("\"My Lab_2!\" cannot be the name"), HasSubstr("labctl lab new my-lab-2\n")));
  EXPECT_FALSE(fs::exists(labs_));
}

TEST_F(LabCommand, new_leaves_nothing_half_made) {
  std::ofstream(temporary_.path() / "labs") << "a file where the folder should be";
  const Said said = labctl({"lab", "new", "mine", "--labs", labs_});
  EXPECT_EQ(said.code, ExitCode::harness);
  EXPECT_THAT(said.err, HasSubstr("cannot create " + labs_.string()));
  EXPECT_THAT(said.out, IsEmpty());
}

}  // namespace
}  // namespace labctl
