// Whatever the bytes: parse_lab returns, and what it returns can be shown. The seed is fixed, so a failure repeats.
#include <random>

#include "making.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr const char* fragments[] = {"\n",
                                     "- ",
                                     "  ",
                                     "[",
                                     "]",
                                     "{",
                                     "}",
                                     ": ",
                                     "\"",
                                     "'",
                                     "|\n",
                                     "&a ",
                                     "*a ",
                                     "!!str ",
                                     "\t",
                                     "\r",
                                     ",",
                                     " # x",
                                     "? ",
                                     "~",
                                     "null",
                                     "'(a'",
                                     "---\n",
                                     "...\n",
                                     "%Y\n",
                                     "<<: ",
                                     "\x04",
                                     "\xff",
                                     "0",
                                     "-1",
                                     "99999999999999999999",
                                     "expect: ",
                                     "errno: EIO\n",
                                     "\xEF\xBB\xBF",
                                     "\xE2\x80\xAE",
                                     "lab: "};

class Mutator {
 public:
  std::string operator()(std::string text) {
    for (auto left = 1 + below(6); left > 0; --left) {
      const std::size_t at = below(text.size() + 1);
      switch (below(6)) {
        case 0: text.insert(at, 1, static_cast<char>(below(256))); break;
        case 1: text.insert(at, fragments[below(std::size(fragments))]); break;
        case 2: text.erase(at, below(20)); break;
        case 3: text.insert(at, text.substr(below(text.size() + 1), below(60))); break;
        case 4: text.resize(below(8) == 0 ? at : text.size()); break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
      }
    }
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::mt19937_64 random_{20240229};
};

TEST(Robustness, of_two_thousand_mutations) {
  Mutator mutate;
  int refused = 0, taken = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = mutate(making::full_spec);
    LabReading reading;
    ASSERT_NO_THROW(reading = making::read(text)) << i << ": " << quoted(text, text.size());
    ++(reading.diagnostics.empty() ? taken : refused);
    for (const Diagnostic& fault : reading.diagnostics) {
      EXPECT_GE(fault.line, 1);
      EXPECT_GE(fault.column, 1);
      EXPECT_FALSE(fault.message.empty());
      const std::string shown = format_diagnostic("lab.yaml", text, fault);
      EXPECT_EQ(shown, printable(shown));
      EXPECT_LT(shown.size(), 4000U);
    }
  }
  // Both happen, or the mutations try nothing.
  EXPECT_GT(refused, 1000);
  EXPECT_GT(taken, 50);
}

TEST(Robustness, of_every_beginning) {
  for (std::size_t length = 0; length < making::full_spec.size(); ++length) {
    ASSERT_NO_THROW(making::read(making::full_spec.substr(0, length))) << length;
  }
}

TEST(Robustness, of_long_repetitions) {
  for (const std::string part :
       {"a\n",  "a: b\n",       "- x\n", "\"",    "'",    "|\n", "a: |\n  x\n", "#",      "&a ", "*a ",   "!",
        "!!x ", "%YAML 1.2\n",  "---\n", "...\n", ",",    "]",   "}",           "\n",     ": ",  "?",     "\t",
        ">\n ", "a: >\n\n x\n", "[a,",   "{a,",   "\x80", "\r",  "a: &x b\n",   "\"a\",", "-",   "a: [\n"}) {
    std::string text;
    while (text.size() < 200'000)
      text += part;
    LabReading reading;
    ASSERT_NO_THROW(reading = making::read(text)) << part;
    EXPECT_FALSE(reading.diagnostics.empty()) << part;
  }
}

}  // namespace
}  // namespace labctl
