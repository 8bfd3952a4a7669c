// Files with the sections of a .ko, compiled here; and what is left of them after damage.
#include "loadcheck/check_module.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "process/process.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* source = R"(#define INFO(name, text) \
	static const char info_##name[] __attribute__((section(".modinfo"), used)) = text
INFO(license, "license=GPL v2");
INFO(vermagic, "vermagic=6.1.192 SMP mod_unload ");
INFO(name, "name=sample");
INFO(version, "version=1.2");
INFO(depends, "depends=first,second");
INFO(type, "parmtype=count:int");
INFO(space, "import_ns=SPACE");
char this_module[64] __attribute__((section(".gnu.linkonce.this_module")));
struct { unsigned long crc; char name[56]; } versions[] __attribute__((section("__versions"))) = {
	{0x12345678, "elsewhere"}};
__asm__(".pushsection __ksymtab,\"a\"\n__ksymtab_sample_all: .long 0\n"
	".section __ksymtab_gpl,\"a\"\n__ksymtab_sample_gpl: .long 0\n.popsection");
void elsewhere(void);
void maybe(void) __attribute__((weak));

static __attribute__((noinline)) void inner(void)
{
	elsewhere();
	__asm__("");
}

int init_module(void)
{
	inner();
	if (maybe)
		maybe();
	return 0;
}
)";

class CheckModule : public testing::Test {
 protected:
  CheckModule() {
    kernel_.name = "6.1";
    kernel_.release = "6.1.192";
    kernel_.vermagic = "6.1.192 SMP mod_unload ";
  }
  fs::path compile(std::vector<std::string> flags) {
    const fs::path file = put("sample.c", source);
    const fs::path object = folder_.path() / "sample.ko";
    ProcessSpec spec;
    spec.argv = {"gcc", "-O2", "-fno-pic", "-c", file.string(), "-o", object.string()};
    spec.argv.insert(spec.argv.end(), flags.begin(), flags.end());
    const auto outcome = run_process(spec, {std::chrono::seconds(60), 1 << 20}, {});
    EXPECT_TRUE(outcome && outcome->success()) << (outcome ? outcome->describe() : outcome.error().message);
    return object;
  }
  fs::path put(const std::string& name, const std::string& bytes) {
    const fs::path file = folder_.path() / name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }
  static std::string shown(const SourcePlace& place) { return place.file + ":" + std::to_string(place.line); }

  test::TemporaryFolder folder_;
  LoadingKernel kernel_;
};

TEST_F(CheckModule, ReadsWhatTheKernelReads) {
  const auto file = read_module_file(read_file(compile({})).value());
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->name, "sample");
  EXPECT_EQ(file->licence, "GPL v2");
  EXPECT_EQ(file->vermagic, kernel_.vermagic);
  EXPECT_EQ(file->version, "1.2");
  EXPECT_THAT(file->depends, ElementsAre("first", "second"));
  EXPECT_THAT(file->parameters, ElementsAre("count"));
  EXPECT_THAT(file->namespaces, ElementsAre("SPACE"));
  EXPECT_EQ(file->versions.at("elsewhere"), 0x12345678U);
  EXPECT_TRUE(file->finished);
  ASSERT_THAT(file->exported, SizeIs(2));
  EXPECT_EQ(file->exported[0].name, "sample_all");
  EXPECT_EQ(file->exported[0].module, "sample");
  EXPECT_FALSE(file->exported[0].gpl_only);
  EXPECT_TRUE(file->exported[1].gpl_only);
  ASSERT_THAT(file->undefined, SizeIs(2));
  for (const auto& symbol : file->undefined)
    EXPECT_EQ(symbol.weak, symbol.name == "maybe");
}

TEST_F(CheckModule, SaysWhereASymbolIsUsed) {
  const fs::path ko = compile({"-g"});
  auto checked = check_module(ko, kernel_);
  ASSERT_TRUE(checked) << checked.error().message;
  ASSERT_THAT(checked->findings, SizeIs(1));
  EXPECT_EQ(checked->findings[0].kind, FindingKind::missing_dependency);
  find_uses(checked->findings, ko, shown);
  EXPECT_THAT(checked->findings[0].used_at, EndsWith("sample.c:20"));

  const fs::path bare = compile({"-g0"});
  auto without = check_module(bare, kernel_);
  find_uses(without->findings, bare, shown);
  EXPECT_EQ(without->findings[0].used_at, "") << "the control: without debug information it is not known";
}

TEST_F(CheckModule, FilesThatAreNoModules) {
  const auto what = [&](const fs::path& file) {
    const auto checked = check_module(file, kernel_);
    EXPECT_TRUE(checked && checked->findings.size() == 1);
    return checked && !checked->findings.empty() ? checked->findings[0].what : "nothing";
  };
  EXPECT_EQ(what(put("empty.ko", "")), "it is empty");
  EXPECT_EQ(what(put("text.ko", std::string(100, 'x'))), "it is no ELF file");
  std::string bytes = read_file(compile({})).value();
  bytes[18] = 40;
  EXPECT_EQ(what(put("arm.ko", bytes)), "it is for another machine (ELF machine 40, and that of x86-64 is 62)");
  bytes[18] = 3;
  bytes[4] = 1;
  EXPECT_EQ(what(put("i386.ko", bytes)), "it is a 32-bit file, and the kernel is of 64 bits");
  const auto absent = check_module(folder_.path() / "absent.ko", kernel_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, Fault::usage);
}

TEST_F(CheckModule, EveryCutFileIsFoundOut) {
  const std::string bytes = read_file(compile({})).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(read_module_file(cut)) << size << " of " << bytes.size();
  }
}

// What the sanitizers watch: any byte may be anything.
TEST_F(CheckModule, NoFlippedBitLeadsOutOfTheFile) {
  const std::string bytes = read_file(compile({})).value();
  std::size_t read = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      if (const auto file = read_module_file(damaged)) read += find_load_faults(*file, kernel_).size() > 0 ? 1 : 0;
    }
  EXPECT_GT(read, bytes.size()) << "most bytes are not the reader's concern";
}

TEST_F(CheckModule, DamagedDebugInformationIsSurvived) {
  const std::string bytes = read_file(compile({"-g"})).value();
  std::vector<Finding> findings{{FindingKind::unknown_symbol, "elsewhere", "", "", 2}};
  for (std::size_t i = 0; i < 600; ++i) {
    std::string damaged = bytes;
    for (std::size_t n = 0; n < 3; ++n)
      damaged[(i * 7919 + n * 104729) % bytes.size()] ^= static_cast<char>(i + 1);
    findings[0].used_at.clear();
    find_uses(findings, put("damaged.ko", damaged), shown);
  }
}

}  // namespace
}  // namespace labctl
