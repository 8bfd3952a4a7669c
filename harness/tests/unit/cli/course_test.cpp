// `labctl lab list`; and the map of the course in labs/README.md, which is what it prints.
#include "course_text.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "context.hpp"
#include "spec/course_reader.hpp"
#include "spec/lab_reader.hpp"
#include "starter.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Lab a_lab(const std::string& id, const std::string& topic, std::vector<std::string> prerequisites = {},
          int minutes = 0) {
  Lab lab;
  lab.id = id;
  lab.title = "Title of " + id;
  lab.topic = topic;
  lab.prerequisites = std::move(prerequisites);
  lab.minutes = minutes;
  return lab;
}

const Course course = {"A course", {{"First", "what comes first"}, {"Unused", ""}, {"Second", ""}}};

std::vector<std::string> order(const std::vector<Lab>& labs) {
  std::vector<std::string> names;
  for (const auto& section : course_sections(course, labs)) {
    names.push_back(section.topic.name + ":");
    for (const Lab* lab : section.labs)
      names.push_back(lab->id);
  }
  return names;
}

TEST(Course, topics_come_in_its_order_and_labs_behind_what_they_need) {
  EXPECT_THAT(order({a_lab("a", "Second / x", {"z"}), a_lab("b", "First"), a_lab("c", "Second", {"a", "z"}),
                     a_lab("d", "Own / y"), a_lab("e", ""), a_lab("z", "Second")}),
              ElementsAre("First:", "b", "Second:", "z", "a", "c", "Own:", "d", ":", "e"));
}

TEST(Course, faults_of_prerequisites) {
  EXPECT_THAT(course_faults({a_lab("a", "", {"b"}), a_lab("b", "")}), IsEmpty());
  EXPECT_THAT(course_faults({a_lab("a", "", {"bb"}), a_lab("b", "")}),
              ElementsAre(AllOf(HasSubstr("lab a has the prerequisite bb"), HasSubstr("\"b\""))));
  EXPECT_THAT(course_faults({a_lab("a", "", {"b"}), a_lab("b", "", {"c"}), a_lab("c", "", {"b"})}),
              ElementsAre("lab b needs itself by its prerequisites", "lab c needs itself by its prerequisites"));
  EXPECT_THAT(order({a_lab("a", "First", {"b"}), a_lab("b", "First", {"a"})}), ElementsAre("First:", "a", "b"))
      << "it ends";
}

TEST(Course, as_text) {
  EXPECT_EQ(course_text(course, {a_lab("a", "First", {}, 30), a_lab("long-name", "First", {"a"}, 100), a_lab("e", "")}),
            "A course\n\n"
            "First: what comes first\n"
            "  a           30 min  Title of a\n"
            "  long-name  100 min  Title of long-name  after a\n\n"
            "Others\n"
            "  e                   Title of e\n\n"
            "3 labs, about 2 hours\n");
  EXPECT_THAT(course_text({}, {a_lab("a", "")}), HasSubstr("1 lab\n"));
  EXPECT_THAT(course_text({}, {a_lab("a", "", {}, 45)}), HasSubstr("1 lab, about 45 minutes\n"));
}

TEST(Course, as_json) {
  const auto json = nlohmann::json::parse(course_json(course, {a_lab("a", "First / \xff", {"b"}, 30)}));
  EXPECT_EQ(json["topics"][0]["topic"], "First");
  EXPECT_EQ(json["topics"][0]["labs"][0]["prerequisites"], nlohmann::json({"b"}));
}

TEST(Course, is_read_strictly) {
  EXPECT_EQ(parse_course("c", "topics: [{name: A, about: b}]\n")->topics[0].about, "b");
  for (const char* bad : {"", "topics: []\n", "topics: [{about: b}]\n", "topics: [{name: A}, {name: A}]\n",
                          "title: x\n", "topics: [{name: A, x: y}]\n"})
    EXPECT_FALSE(parse_course("c", bad)) << bad;
}

// LABCTL_UPDATE_GOLDEN=1 rewrites it.
TEST(Course, of_this_repository_is_in_the_readme) {
  const fs::path folder = fs::path(LABCTL_SOURCE) / "labs";
  std::vector<Lab> labs;
  for (const auto& name : lab_names(folder)) {
    auto lab = read_lab(folder / name / "lab.yaml");
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_GT(lab->minutes, 0) << name;
    EXPECT_FALSE(topic_of(*lab).empty()) << name;
    labs.push_back(std::move(*lab));
  }
  const auto whole = read_course(folder);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_THAT(course_faults(labs), IsEmpty());
  for (const auto& section : course_sections(*whole, labs))
    EXPECT_FALSE(section.topic.about.empty()) << section.topic.name << " is no topic of course.yaml";

  const std::string begin = "<!-- labctl lab list --format markdown -->\n", end = "<!-- end -->\n";
  std::string readme = read_file(folder / "README.md").value();
  const auto from = readme.find(begin), to = readme.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const std::string map = course_markdown(*whole, labs);
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) {
    readme.replace(from + begin.size(), to - from - begin.size(), map);
    ASSERT_TRUE(write_file(folder / "README.md", readme));
    return;
  }
  EXPECT_EQ(readme.substr(from + begin.size(), to - from - begin.size()), map);
}

TEST(Starter, a_makefile_of_one_and_of_several_sources) {
  Lab lab;
  lab.id = "gauge";
  lab.modules = {{"gauge", {"gauge.c", "gauge.h"}, {}, {}}};
  EXPECT_THAT(
      starter_makefile(lab, "/opt/labctl", "gauge"),
      AllOf(HasSubstr("\nobj-m := gauge.o\n\nelse"), HasSubstr("$(wildcard /opt/labctl)"),
            HasSubstr("\t$(LABCTL) run gauge --module .\n"), HasSubstr("insmod ./gauge.ko"), Not(HasSubstr("@LAB"))));
  lab.modules[0].sources = {"main.c", "sensor.c", "sensor.h"};
  lab.modules[0].cflags = {"-DA=1", "-DB"};
  EXPECT_THAT(starter_makefile(lab, "", "/a/b"),
              HasSubstr("\nobj-m := gauge.o\ngauge-y := main.o sensor.o\nccflags-y := -DA=1 -DB\n\nelse"));
}

TEST(Starter, appears_whole_or_not_at_all) {
  const test::TemporaryFolder folder;
  const fs::path root = folder.path();
  Lab lab;
  lab.id = "gauge";
  lab.file = root / "labs/gauge/lab.yaml";
  ASSERT_TRUE(write_file(root / "labs/gauge/starter/sub/gauge.c", "int x;\n"));
  ASSERT_TRUE(write_file(root / "labs/gauge/README.md", "# Gauge\n"));
  const auto made = make_starter(lab, root / "mine/", "all:\n");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(*made, ElementsAre("Makefile", "README.md", "sub/gauge.c"));
  const auto again = make_starter(lab, root / "mine", "other:\n");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::usage);
  EXPECT_EQ(read_file(root / "mine/Makefile").value(), "all:\n");
  fs::create_directories(root / "empty");
  EXPECT_TRUE(make_starter(lab, root / "empty", "all:\n"));
  ASSERT_TRUE(write_file(root / "file", ""));
  EXPECT_FALSE(make_starter(lab, root / "file", ""));
  EXPECT_FALSE(make_starter(lab, root / "file/below", ""));
  std::size_t items = 0;
  for ([[maybe_unused]] const auto& item : fs::directory_iterator(root))
    ++items;
  EXPECT_EQ(items, 4U) << "labs, mine, empty and file: nothing half made";
}

}  // namespace
}  // namespace labctl
