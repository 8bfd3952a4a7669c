// Mutants of golden/mutants/device.c: their list is in device.txt, with what each has instead of the reference's lines.
// LABCTL_UPDATE_GOLDEN=1 rewrites it; look at the difference.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "c_source.hpp"
#include "mutants/automatic.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path golden = fs::path(LABCTL_GOLDEN) / "mutants";

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

// What the mutant has instead, line by line: both have the same lines, behind the pragmas.
std::string difference(const std::string& reference, const std::string& mutant) {
  const auto before = lines_of(reference);
  const auto after = lines_of(mutant.substr(mutant.find("#line 1\n") + 8));
  EXPECT_EQ(before.size(), after.size()) << "the numbers of lines changed";
  std::string text;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i)
    if (before[i] != after[i]) text += "  " + std::to_string(i + 1) + ":" + after[i] + "\n";
  return text;
}

TEST(AutomaticMutants, of_a_source_with_everything) {
  const std::vector<MutantSource> reference = {{"device.c", content(golden / "device.c")}, {"device.h", "int x;\n"}};
  std::string text;
  for (const bool failing : {false, true}) {
    AutomaticOptions options;
    options.failing_allocations = failing;
    text += failing ? "\n== where allocations fail, also\n" : "";
    for (const auto& mutant : automatic_mutants(reference, options)) {
      const std::string title = mutant.name + (mutant.line > 0 ? " (line " + std::to_string(mutant.line) + ")" : "");
      if (failing && text.find(title + "\n") != std::string::npos) continue;
      ASSERT_EQ(mutant.sources.size(), 2U);
      EXPECT_EQ(mutant.sources[1].bytes, "int x;\n") << "headers stay";
      text += title + "\n" + (mutant.nothing ? "" : difference(reference[0].bytes, mutant.sources[0].bytes));
    }
  }
  const fs::path file = golden / "device.txt";
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(text, content(file));
}

std::vector<std::string> names(const std::vector<MutantSource>& reference, bool statements = true) {
  std::vector<std::string> names;
  AutomaticOptions options;
  options.statements = statements;
  for (const auto& mutant : automatic_mutants(reference, options))
    names.push_back(mutant.name);
  return names;
}

TEST(AutomaticMutants, where_there_is_nothing_to_change_there_is_no_mutant) {
  EXPECT_THAT(names({}), IsEmpty());
  EXPECT_THAT(names({{"a.h", "int f(void);\n"}}), IsEmpty());
  EXPECT_THAT(names({{"a.c", "MODULE_LICENSE(\"GPL\");\n"}}), ElementsAre("empty", "init-fails"));
  EXPECT_THAT(names({{"a.c", "static void __exit a_exit(void)\n{\n\tpr_info(\"bye\\n\");\n}\n"}}),
              ElementsAre("empty", "init-fails"));
}

TEST(AutomaticMutants, what_another_source_calls_is_no_operation) {
  const MutantSource main{"main.c", "static int show(void)\n{\n\treturn part();\n}\n"};
  const MutantSource part{"part.c", "int part(void)\n{\n\treturn 1;\n}\n"};
  const auto mutants = automatic_mutants({main, part}, {});
  ASSERT_EQ(mutants.size(), 4U);
  EXPECT_EQ(mutants[2].name, "operations-do-nothing");
  EXPECT_THAT(mutants[2].sources[0].bytes, HasSubstr("{return 0;\n\n}"));
  EXPECT_EQ(mutants[2].sources[1].bytes, part.bytes);
  EXPECT_EQ(mutants[0].sources[1].bytes, "/* Nothing. */\n");
}

TEST(AutomaticMutants, single_statements_can_be_left_alone) {
  const std::vector<MutantSource> reference = {{"device.c", content(golden / "device.c")}};
  EXPECT_THAT(names(reference, false),
              ElementsAre("empty", "init-fails", "operations-do-nothing", "operations-fail", "no-clean-up"));
}

// Whatever a file holds, nothing is changed but what was understood.
TEST(CSource, leaves_out_what_it_does_not_understand) {
  for (const char* text : {"", "{", "}", "\n{\n", "int f(void)\n{\n\tg(;\n}\n", "int f(void\n{\n\tg();\n}\n", "\"",
                           "/*", "#", "int f(void)\n{\n#if A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n}\n", "'",
                           "#define x \\", "int f(void)\n{\n\tx\n}\n", "int f(void)\n{\n\tif\n}\n", "f(\n{\n}\n"}) {
    const CSource source = read_c(text);
    EXPECT_EQ(source.code.size(), std::string(text).size());
    for (const auto& function : source.functions)
      EXPECT_THAT(function.statements, IsEmpty()) << text;
  }
}

TEST(CSource, code_in_comments_quotes_and_macros_is_none) {
  const CSource source =
      read_c("#define A(x) \\\n\tkfree(x)\n/* kfree(a); */\nint f(void)\n{\n\tg(\"kfree(b);\"); // kfree(c);\n}\n");
  ASSERT_EQ(source.functions.size(), 1U);
  ASSERT_EQ(source.functions[0].statements.size(), 1U);
  EXPECT_EQ(source.functions[0].statements[0].text, "g(\"kfree(b);\");");
  EXPECT_EQ(source.functions[0].statements[0].line, 6);
  EXPECT_EQ(count_calls(source.code, "kfree"), 0);
  EXPECT_EQ(count_calls("f(); ff(); f (1) f_(2) f", "f"), 2);
}

}  // namespace
}  // namespace labctl
