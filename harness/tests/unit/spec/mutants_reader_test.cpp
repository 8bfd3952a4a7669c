#include "spec/mutants_reader.hpp"

#include <gmock/gmock.h>

#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Lab gate() {
  Lab lab;
  lab.id = "gate";
  lab.modules = {{"gate", {"main.c", "gate.h"}, {}, {}}};
  labctl::Test test;
  test.name = "opens";
  lab.tests.push_back(test);
  return lab;
}

constexpr const char* good = R"(mutants:
  - name: stuck
    about: Never opens.
    replace:
      - line: |
          open();
          return 0;
        with: return 0;
      - {file: gate.h, line: "#define WIDTH 3", with: "#define WIDTH 2"}
    kills:
      - {test: opens, because: shut}
spared:
  - {mutant: "drop *", because: Nobody looks.}
)";

TEST(MutantsReader, reads_mutants_and_what_is_spared) {
  const auto list = parse_mutants(gate(), "mutants.yaml", good);
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->written.size(), 1U);
  const WrittenMutant& mutant = list->written[0];
  EXPECT_EQ(mutant.name, "stuck");
  EXPECT_EQ(mutant.about, "Never opens.");
  ASSERT_EQ(mutant.replace.size(), 2U);
  EXPECT_EQ(mutant.replace[0].file, "main.c") << "the module's first source";
  EXPECT_EQ(mutant.replace[0].line, "open();\nreturn 0;\n");
  EXPECT_EQ(mutant.replace[1].file, "gate.h");
  EXPECT_EQ(mutant.kills[0].test, "opens");
  EXPECT_EQ(mutant.kills[0].because, "shut");
  ASSERT_EQ(list->spared.size(), 1U);
  EXPECT_EQ(list->spared[0].mutant, "drop *");
  EXPECT_EQ(list->spared[0].where.line, 13);
}

TEST(MutantsReader, a_lab_without_the_file_has_none) {
  const test::TemporaryFolder folder;
  Lab lab = gate();
  lab.file = folder.path() / "lab.yaml";
  const auto list = read_mutants(lab);
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->written.empty());
}

TEST(MutantsReader, tells_every_mistake_in_its_place) {
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto list = parse_mutants(gate(), "mutants.yaml", text);
    EXPECT_FALSE(list) << to;
    return list ? std::string() : list.error().message;
  };
  EXPECT_THAT(changed("name: stuck", "name: Stuck!"),
              AllOf(HasSubstr("mutants.yaml:2:11"), HasSubstr("no name of a mutant")));
  EXPECT_THAT(changed("test: opens", "test: open"),
              AllOf(HasSubstr("the lab has no test \"open\""), HasSubstr("opens")));
  EXPECT_THAT(changed(", because: shut", ""), HasSubstr("because"));
  EXPECT_THAT(changed("    about: Never opens.\n", ""), HasSubstr("about"));
  EXPECT_THAT(changed("gate.h", "../gate.h"), HasSubstr("outside the module's folder"));
  EXPECT_THAT(changed("spared:", "spare:"), HasSubstr("did you mean \"spared\""));
  EXPECT_THAT(changed("spared:",
                      "  - name: stuck\n    about: x\n    replace: [{line: a, with: b}]\n    kills: [{test: opens, "
                      "because: x}]\nspared:"),
              HasSubstr("a second mutant \"stuck\""));
  EXPECT_FALSE(parse_mutants(gate(), "mutants.yaml", ""));
  EXPECT_FALSE(parse_mutants(gate(), "mutants.yaml", "mutants: []\n"));
}

}  // namespace
}  // namespace labctl
