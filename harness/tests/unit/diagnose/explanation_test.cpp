// Templates of explanations: what is an error in one, and what is left out of the text that it makes.
#include "diagnose/explanation.hpp"

#include <gmock/gmock.h>

namespace labctl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string about(const std::string& text, const KernelReport& report) {
  const auto explanation = Explanation::parse(text, "kind.txt");
  return explanation ? explanation->about(report) : "error: " + explanation.error().message;
}

// "message (hint)" of an explanation that is none.
std::string error_of(const std::string& text) {
  const auto explanation = Explanation::parse(text, "kind.txt");
  return explanation ? "none" : explanation.error().message + " (" + explanation.error().hint + ")";
}

StackFrame frame(const std::string& function, const std::string& module, std::vector<SourceLine> source = {}) {
  return {function, 0x10, 0x20, module, false, false, std::move(source)};
}

KernelReport overrun() {
  KernelReport report;
  report.kind = "kasan-out-of-bounds";
  report.region = "slab";
  report.process = "insmod";
  report.access = MemoryAccess{MemoryAccess::Mode::write, 4, 0xffff888000025a40};
  report.object = MemoryObject{"kmalloc-64", "", 64, MemoryObject::Side::right, 0};
  report.trace = {frame("memset", ""), frame("oob_init", "oob", {{"oob_init", "/home/me/oob.c", 40, "a[16] = 1;"}})};
  report.alloc_trace = {frame("kmalloc_trace", ""),
                        frame("kzalloc.constprop.0", "oob", {{"kzalloc", "include/linux/slab.h", 700, ""}}),
                        frame("oob_init", "oob", {{"oob_init", "/home/me/oob.c", 31, "a = kzalloc(64);"}})};
  return report;
}

TEST(Explanation, IsFilledIn) {
  EXPECT_EQ(about("{if at_end}A {access} of {bytes} went just past the end of {object_size} ({cache}).\n"
                  "Usually an index goes one too far.\n"
                  "Compare {allocated_in} with {where}.\n",
                  overrun()),
            "A write of 4 bytes went just past the end of 64 bytes (kmalloc-64). Usually an index goes one too far. "
            "Compare oob_init (oob.c:31) with oob_init (oob.c:40).");
}

TEST(Explanation, LeavesOutALineWithANameThatIsNotKnown) {
  EXPECT_EQ(about("First.\nIt was freed in {freed_in}.\nLast.\n", overrun()), "First. Last.");
  EXPECT_EQ(about("First.\n{if freed_in}It was freed.\n", overrun()), "First.");
}

TEST(Explanation, UsesTheFirstAlternativeThatItCan) {
  const std::string text = "{past_end} past.\n{else}{if at_end}Just past.\n{else}Somewhere.\nEnd.\n";
  KernelReport report = overrun();
  EXPECT_EQ(about(text, report), "Just past. End.");
  report.object->distance = 1;
  EXPECT_EQ(about(text, report), "1 byte past. End.");
  report.object.reset();
  EXPECT_EQ(about(text, report), "Somewhere. End.");
}

TEST(Explanation, SaysAFunctionWithoutWhatTheCompilerAddedWhereNoLinesAreKnown) {
  KernelReport report = overrun();
  for (StackFrame& one : report.alloc_trace)
    one.source.clear();
  EXPECT_EQ(about("{allocated_in}.\n{else}Nowhere.\n", report), "kzalloc.");
  report.alloc_trace = {frame("kmalloc_trace", "")};
  EXPECT_EQ(about("{allocated_in}.\n{else}Nowhere.\n", report), "Nowhere.");
}

TEST(Explanation, NamesTheKernelsFunctionOnlyWhereItHappenedThere) {
  const std::string text = "{callee}.\n{else}None.\n";
  KernelReport report;
  report.kind = "oops-null";
  report.trace = {frame("strlen", ""), frame("kstrdup", ""), frame("init", "oob"), frame("do_one_initcall", "")};
  EXPECT_EQ(about(text, report), "None.");  // these may be the reporter's own
  report.trace[0].exact = true;
  EXPECT_EQ(about(text, report), "kstrdup.");
  report.trace[0].module = "oob";
  EXPECT_EQ(about(text, report), "None.");
  report.trace.clear();
  EXPECT_EQ(about(text, report), "None.");

  report = overrun();
  report.title = "BUG: KASAN: slab-out-of-bounds in oob_init+0x10/0x20 [oob]";
  EXPECT_EQ(about(text, report), "None.");
  report.title = "BUG: KASAN: slab-out-of-bounds in memset+0x10/0x20";
  EXPECT_EQ(about(text, report), "memset.");
}

TEST(Explanation, SkipsNotesAndEmptyLinesAndReadsOtherSystemsLines) {
  EXPECT_EQ(about("# {not} a name\r\n\r\n  One.  \r\nTwo.", {}), "One. Two.");
}

TEST(Explanation, TakesWhatTheReportSaysAsText) {
  KernelReport report;
  report.process = "{where}";
  EXPECT_EQ(about("By {process}.\n{else}By none.\n", report), "By {where}.");
}

// A name that the kernel printed, by where it stands in the title.
TEST(Explanation, FindsNamesInTitles) {
  const auto value = [](const std::string& kind, const std::string& title, const std::string& name) {
    KernelReport report;
    report.kind = kind;
    report.title = title;
    return about("{" + name + "}\n{else}none\n", report);
  };
  const std::string leak = "remove_proc_entry: removing non-empty directory '/proc/lab', leaking at least 'left'";
  EXPECT_EQ(value("proc-leak", leak, "name"), "/proc/lab");
  EXPECT_EQ(value("proc-leak", leak, "other_name"), "left");
  EXPECT_EQ(value("proc-missing", "name 'never_made'", "other_name"), "none");
  EXPECT_EQ(value("slab-leak", "kmem_cache_destroy lab_item: Slab cache still has objects", "cache"), "lab_item");
  EXPECT_EQ(value("slub", "BUG kmalloc-64 (Tainted: G    B ): Freepointer corrupt", "cache"), "kmalloc-64");
  EXPECT_EQ(value("bug", "BUG: something (else)", "cache"), "none");
  EXPECT_EQ(value("irq-nobody-cared", "irq 9: nobody cared (try booting with the \"irqpoll\" option)", "name"), "9");
  EXPECT_EQ(value("page-alloc-failure", "a: page allocation failure: order:9, mode:0xa20", "request"), "2048 KiB");
  EXPECT_EQ(value("page-alloc-failure", "a: page allocation failure: order:99, mode:0xa20", "request"), "none");
  EXPECT_EQ(value("panic", "it's broken", "name"), "none");
}

TEST(Explanation, ThatIsWrongSaysWhereAndWhatWouldBeRight) {
  EXPECT_EQ(error_of("Fine.\nA {byte} more.\n"), "kind.txt:2: there is no name \"byte\" (did you mean \"bytes\"?)");
  EXPECT_THAT(error_of("Fine. {zzzzzzzz}\n"), StartsWith("kind.txt:1: there is no name \"zzzzzzzz\" (one of: where, "));
  EXPECT_EQ(error_of("{at_end} Fine.\n"), "kind.txt:1: \"at_end\" has no text of its own (write {if at_end})");
  EXPECT_EQ(error_of("{if nobody} Fine.\n"), error_of("{nobody} Fine.\n"));
  EXPECT_EQ(error_of("Fine.\nA {lock\n"), "kind.txt:2: a brace without its other half (a name is written {lock})");
  EXPECT_EQ(error_of("A lock}\n"), "kind.txt:1: a brace without its other half (a name is written {lock})");
  EXPECT_EQ(error_of("{else} Fine.\n"), "kind.txt:1: {else} has no line above it (remove {else})");
  EXPECT_THAT(error_of("One.\nTwo. {else} Three.\n"), StartsWith("kind.txt:2: {else} is not at the beginning"));
  EXPECT_THAT(error_of("One.\n{else}\n"), StartsWith("kind.txt:2: the line says nothing"));
  EXPECT_THAT(error_of("Gr\xfc\xdf Gott.\n"), HasSubstr("kind.txt:1: the line has bytes that are no text in UTF-8"));
  EXPECT_THAT(error_of("One \x1b[31m.\n"), HasSubstr("no text in UTF-8"));
}

TEST(Explanation, ThatMaySayNothingIsNone) {
  for (const std::string text : {"", "\n\n", "# only a note\n", "{lock} is taken.\n", "{if lock}Taken.\n"})
    EXPECT_THAT(error_of(text), StartsWith("kind.txt: no line is free of names")) << text;
  EXPECT_EQ(error_of("{lock} is taken.\n{else}A lock is taken.\n"), "none");
}

TEST(Explanation, MayBeInAnyLanguage) {
  KernelReport report;
  report.process = "insmod";
  EXPECT_EQ(about("Größer als erlaubt: {process}.\n{else}Größer.\n", report), "Größer als erlaubt: insmod.");
}

}  // namespace
}  // namespace labctl
