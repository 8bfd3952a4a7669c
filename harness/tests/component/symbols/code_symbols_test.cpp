// Object files are relocatable as a .ko is; these are compiled here, and nm says where their labels are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "process/process.hpp"
#include "symbols/code_symbols.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* program = R"(void callee(void);
extern int value;
#define LABEL(name) __asm__ volatile(#name ":" ::: "memory")

static inline __attribute__((always_inline)) void inner(int *p)
{
	*p = 1;
	callee();
	LABEL(after_inner);
}

static inline __attribute__((always_inline)) void middle(int *p)
{
	inner(p);
}

__attribute__((section(".init.text"))) void outer(int *p)
{
	value++;
	middle(p);
	callee();
	LABEL(after_outer);
	value++;
}

void other(void)
{
	value--;
}
)";

class Symbols : public testing::Test {
 protected:
  std::string run(std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    auto outcome = run_process(spec, {std::chrono::seconds(60), 1 << 20}, {});
    EXPECT_TRUE(outcome && outcome->success()) << (outcome ? outcome->describe() : outcome.error().message);
    return outcome ? outcome->standard_output : "";
  }
  fs::path compile(const std::string& name, const std::string& text, std::vector<std::string> flags = {"-g"}) {
    const fs::path source = folder_.path() / (name + ".c");
    std::ofstream(source) << text;
    const fs::path object = folder_.path() / (name + ".o");
    flags.insert(flags.begin(), {"gcc", "-O2", "-c", source, "-o", object});
    run(flags);
    return object;
  }
  // The distance of two labels in bytes.
  std::uint64_t distance(const fs::path& object, const std::string& from, const std::string& to) {
    std::istringstream lines(run({"nm", object}));
    std::map<std::string, std::uint64_t> addresses;
    for (std::string address, type, name; lines >> address;) {
      if (address == "U") {
        lines >> name;
        continue;
      }
      lines >> type >> name;
      addresses[name] = std::stoull(address, nullptr, 16);
    }
    return addresses.at(to) - addresses.at(from);
  }
  static StackFrame frame(const std::string& function, std::uint64_t offset, bool exact = false) {
    StackFrame made;
    made.function = function;
    made.offset = offset;
    made.exact = exact;
    return made;
  }
  test::TemporaryFolder folder_;
};

auto place(const std::string& function, int line) {
  return AllOf(Field(&SourcePlace::function, function), Field(&SourcePlace::line, line),
               Field(&SourcePlace::file, EndsWith("/program.c")));
}

TEST_F(Symbols, AReturnAddressIsTheLineOfTheCall) {
  const fs::path object = compile("program", program);
  const auto symbols = CodeSymbols::open(object);
  ASSERT_TRUE(symbols) << symbols.error().message;
  const std::uint64_t offset = distance(object, "outer", "after_outer");
  EXPECT_THAT(symbols->places(frame("outer", offset)), ElementsAre(place("outer", 21)));
  const auto after = symbols->places(frame("outer", offset, true));
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_GT(after[0].line, 21) << "the control: the instruction there is of a later line";
}

TEST_F(Symbols, InlinedFunctionsAreShownFromTheInnermost) {
  const fs::path object = compile("program", program);
  const auto symbols = CodeSymbols::open(object);
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_THAT(symbols->places(frame("outer", distance(object, "outer", "after_inner"))),
              ElementsAre(place("inner", 8), place("middle", 14), place("outer", 20)));
}

TEST_F(Symbols, TheFirstUseOfWhatComesFromElsewhere) {
  const fs::path object = compile("program", program);
  const auto symbols = CodeSymbols::open(object);
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_THAT(symbols->use_of("callee"), ElementsAre(place("inner", 8), place("middle", 14), place("outer", 20)));
  EXPECT_THAT(symbols->use_of("value"), ElementsAre(testing::_)) << "in other()";
  EXPECT_THAT(symbols->use_of("outer"), IsEmpty()) << "its own";
  EXPECT_THAT(symbols->use_of("nobody"), IsEmpty());
}

TEST_F(Symbols, WhatIsNotKnownIsNotGuessed) {
  const fs::path object = compile("program", program);
  const auto symbols = CodeSymbols::open(object);
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_THAT(symbols->places(frame("other", 0, true)), SizeIs(1)) << "the control";
  EXPECT_THAT(symbols->places(frame("nobody", 0, true)), IsEmpty());
  EXPECT_THAT(symbols->places(frame("other", 4096, true)), IsEmpty()) << "beyond its end";

  const auto bare = CodeSymbols::open(compile("bare", program, {"-g0"}));
  ASSERT_TRUE(bare) << bare.error().message;
  EXPECT_THAT(bare->places(frame("other", 0, true)), IsEmpty()) << "without debug information";

  const fs::path one = compile("one", "static __attribute__((noinline,used)) void twice(void) { __asm__(\"nop\"); }\n");
  const fs::path two = compile("two", "static __attribute__((noinline,used)) void twice(void) { __asm__(\"nop\"); }\n");
  const fs::path both = folder_.path() / "both.o";
  run({"ld", "-r", "-o", both, one, two});
  const auto symbols_of_both = CodeSymbols::open(both);
  ASSERT_TRUE(symbols_of_both) << symbols_of_both.error().message;
  EXPECT_THAT(symbols_of_both->places(frame("twice", 0, true)), IsEmpty()) << "which of the two is not known";
}

// As a vmlinux is: at fixed addresses, with functions of one name in different files.
TEST_F(Symbols, OfALinkedKernel) {
  const fs::path object = compile("program", program);
  const fs::path rest = compile("rest", R"(int value;
void callee(void) { value = 2; }
static __attribute__((noinline,used)) void twice(void) { __asm__("nop"); }
)");
  const fs::path more = compile("more", R"(
extern int value;
static __attribute__((noinline,used)) void twice(void) { __asm__(".fill 40, 1, 0x90"); }
)");
  const fs::path kernel = folder_.path() / "vmlinux";
  run({"gcc", "-nostdlib", "-static", "-no-pie", "-Wl,-e,outer", "-o", kernel, object, rest, more});
  const auto symbols = CodeSymbols::open(kernel);
  ASSERT_TRUE(symbols) << symbols.error().message;
  const std::uint64_t offset = distance(kernel, "outer", "after_inner");
  EXPECT_THAT(symbols->places(frame("outer", offset)),
              ElementsAre(place("inner", 8), place("middle", 14), place("outer", 20)));

  StackFrame second = frame("twice", 1, true);
  EXPECT_THAT(symbols->places(second), IsEmpty()) << "which of the two is not known";
  second.size = 48;
  ASSERT_THAT(symbols->places(second), SizeIs(1)) << "its size tells";
  EXPECT_THAT(symbols->places(second)[0].file, EndsWith("/more.c"));
}

TEST_F(Symbols, AnAddressInASectionIsAFrame) {
  const fs::path object = compile("program", program);
  const auto symbols = CodeSymbols::open(object);
  ASSERT_TRUE(symbols) << symbols.error().message;
  const std::uint64_t offset = distance(object, "outer", "after_outer");
  const auto call = symbols->frame_at(".init.text", offset, false);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->function, "outer");
  EXPECT_EQ(call->offset, offset);
  EXPECT_GT(call->size, offset);
  EXPECT_THAT(symbols->places(*call), ElementsAre(place("outer", 21)));
  const auto other = symbols->frame_at(".text", 0, true);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->function, "other");
  EXPECT_THAT(symbols->definition(*other), ElementsAre(place("other", 26)));
  EXPECT_TRUE(other->exact);
  EXPECT_FALSE(symbols->frame_at(".text", call->size + 4096, true)) << "beyond the section";
  EXPECT_FALSE(symbols->frame_at(".data", 0, true)) << "no code";
  EXPECT_FALSE(symbols->frame_at(".other", 0, true));
}

// Of a module that nobody could ask where it is: sections of code begin with a page.
TEST_F(Symbols, ACallIsFoundByItsPlaceOnAPage) {
  const fs::path object = compile("program", program);
  const auto symbols = CodeSymbols::open(object);
  ASSERT_TRUE(symbols) << symbols.error().message;
  const std::uint64_t offset = distance(object, "outer", "after_outer");
  const auto call = symbols->call_on_page(offset);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->function, "outer");
  EXPECT_EQ(call->offset, offset);
  EXPECT_FALSE(symbols->call_on_page(offset + 1)) << "no call ends there";
}

TEST_F(Symbols, AFileThatIsNoModuleIsAnError) {
  const fs::path file = folder_.path() / "text.ko";
  std::ofstream(file) << "not ELF";
  const auto symbols = CodeSymbols::open(file);
  ASSERT_FALSE(symbols);
  EXPECT_EQ(symbols.error().fault, Fault::harness);
  EXPECT_FALSE(CodeSymbols::open(folder_.path() / "absent.ko"));

  const fs::path stripped = compile("stripped", program);
  run({"strip", "--strip-all", stripped});
  EXPECT_FALSE(CodeSymbols::open(stripped)) << "it has no symbols";
  // A symbol table without symbols, which libdwfl takes for no error.
  const fs::path assembly = folder_.path() / "empty.s";
  std::ofstream(assembly) << "";
  const fs::path empty = folder_.path() / "empty.o";
  run({"as", "-o", empty, assembly});
  EXPECT_FALSE(CodeSymbols::open(empty));
}

}  // namespace
}  // namespace labctl
