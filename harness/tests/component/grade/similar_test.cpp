// The real sim_c, in the real sandbox.
#include "grade/similar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/process.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* starter =
    "static int total(const int *values, int count)\n{\n\tint i;\n\tint sum = 0;\n\n\tfor (i = 0; i < count; i++)\n"
    "\t\tsum += values[i];\n\treturn sum;\n}\n\nstatic int largest(const int *values, int count)\n{\n\tint i, most = "
    "values[0];\n\n\tfor (i = 1; i < count; i++)\n\t\tif (values[i] > most)\n\t\t\tmost = values[i];\n\treturn "
    "most;\n}\n";

Submission submission(const std::string& id, const std::string& text) {
  Submission made;
  made.id = id;
  made.files = {{"a.h", "extern int nothing_here;\n", "src/a.h"}, {"a.c", text, "src/a.c"}};
  return made;
}

class Similar : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("sim_c")) GTEST_SKIP() << "sim_c is not installed: apt install similarity-tester";
  }

  std::vector<SimilarPair> pairs(const std::vector<Submission>& submissions,
                                 const std::vector<std::string>& given = {}) {
    const auto cache = Cache::open(folder_.path() / "cache");
    EXPECT_TRUE(cache);
    auto found = find_similar(submissions, given, 40, *cache, {});
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(*found) : std::vector<SimilarPair>();
  }

  test::TemporaryFolder folder_;
};

const std::string ada =
    std::string(starter) +
    "int range(int *v, int n)\n{\n\tint k, low = v[0], high = v[0];\n\n\tfor (k = 1; k < n; k++) {\n"
    "\t\tif (v[k] < low)\n\t\t\tlow = v[k];\n\t\tif (v[k] > high)\n\t\t\thigh = v[k];\n\t}\n\treturn "
    "high - low;\n}\n";
// The same with other names and another layout.
const std::string bo = "/* mine */\n" + std::string(starter) +
                       "int span(int *p, int len)\n{\n\tint q, a = p[0], b = p[0];\n\tfor (q = 1; q < len; q++)\n\t{\n"
                       "\t\tif (p[q] < a) a = p[q];\n\t\tif (p[q] > b) b = p[q];\n\t}\n\treturn b - a;\n}\n";
const std::string eve = std::string(starter) +
                        "int spread(int *x, int y)\n{\n\treturn y ? spread(x + 1, y - 1) | *x : !printk(\"x\") + "
                        "sizeof(struct page *) * ~y;\n}\n";

TEST_F(Similar, SeesThroughNamesAndLayout) {
  const auto found = pairs({submission("ada", ada), submission("bo", bo), submission("eve", eve)}, {starter});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].a + found[0].b, "adabo");
  EXPECT_GE(found[0].percent, 80);
  ASSERT_FALSE(found[0].passages.empty());
  const Passage& place = found[0].passages[0].a;
  EXPECT_EQ(place.path, "src/a.c");
  EXPECT_GE(place.first, 20) << "in the file, not in all files together";
  EXPECT_LE(place.last, 32);
}

TEST_F(Similar, TheStarterIsNobodysOwn) {
  EXPECT_THAT(pairs({submission("ada", ada), submission("eve", eve)}, {starter}), IsEmpty());
  EXPECT_THAT(pairs({submission("ada", ada), submission("eve", eve)}), SizeIs(1)) << "the control";
}

TEST_F(Similar, TakesAnyText) {
  EXPECT_THAT(pairs({submission("ada", "\"unterminated\n/* for ever"), submission("bo", std::string("\xff\x01\n", 3)),
                     submission("eve", "")}),
              IsEmpty());
  EXPECT_THAT(pairs({}), IsEmpty());
}

}  // namespace
}  // namespace labctl
