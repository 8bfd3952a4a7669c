// labctl check-module against the kernel itself: what it says of a .ko, insmod and the kernel log must say too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// What it never calls may be renamed in the .ko. ktime_get() is for modules under the GPL only.
constexpr const char* sample = R"(#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
static int never;
module_param(never, int, 0444);
static int __init sample_init(void)
{
	if (never && kstrtoint("1", 0, &never) == 0)
		never = (int)ktime_get();
	pr_info("sample: loaded\n");
	return 0;
}
static void __exit sample_exit(void)
{
}
module_init(sample_init);
module_exit(sample_exit);
MODULE_LICENSE("GPL");
)";

constexpr const char* helper = R"(#include <linux/module.h>
int helper_add(int number);
int helper_add(int number)
{
	return number + 1;
}
EXPORT_SYMBOL_GPL(helper_add);
MODULE_LICENSE("GPL");
)";

constexpr const char* user = R"(#include <linux/module.h>
int helper_add(int number);
static int __init user_init(void)
{
	return helper_add(-1);
}
static void __exit user_exit(void)
{
}
module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
)";

// Loads the file of that number, and unloads it.
constexpr const char* inserter = R"(#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "files.h"

int main(int argc, char **argv)
{
	int number = argc > 1 ? atoi(argv[1]) : 0;
	long done = syscall(SYS_init_module, files[number], sizes[number], "");

	printf("errno %d\n", done ? errno : 0);
	if (!done)
		syscall(SYS_delete_module, "sample", 0);
	return 0;
}
)";

const std::map<std::string, int> numbers = {{"ENOENT", 2}, {"ENOEXEC", 8}, {"EINVAL", 22}};

struct Variant {
  std::string name;
  std::string kind;  // of the finding that must be there; empty: none at all
  std::vector<std::string> objcopy;
  std::vector<std::pair<std::string, std::string>> replace;  // bytes for as many
  std::size_t cut = 0;                                       // bytes that are missing at its end
  bool wrong_machine = false;
};

const std::vector<Variant> variants = {
    {"good", "", {}, {}},
    {"vermagic", "vermagic", {}, {{"vermagic=", "vermagic=9"}}},
    {"no-vermagic", "vermagic", {}, {{"vermagic=", "wermagic="}}},
    {"unknown", "unknown-symbol", {"--redefine-sym", "kstrtoint=kstrtoimt"}, {}},
    {"static", "unknown-symbol", {"--redefine-sym", "kstrtoint=do_idle"}, {}},
    {"gpl-only", "gpl-only-symbol", {}, {{"license=GPL", "license=BSD"}}},
    {"no-licence", "no-licence", {"--redefine-sym", "ktime_get=kstrtouint"}, {{"license=", "micense="}}},
    {"licence", "licence", {"--redefine-sym", "ktime_get=kstrtouint"}, {{"license=GPL", "license=BSD"}}},
    {"object", "not-a-module", {"--rename-section", ".gnu.linkonce.this_module=.gnu.linkonce.that_module"}, {}},
    {"cut", "not-a-module", {}, {}, 200},
    {"machine", "not-a-module", {}, {}, 0, true},
};

void run_tool(std::vector<std::string> argv) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  const auto outcome = run_process(spec, {std::chrono::seconds(60), 1 << 20}, {});
  ASSERT_TRUE(outcome && outcome->success()) << (outcome ? outcome->describe() : outcome.error().message);
}

class CheckModule : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
  }
  // The modules as labctl builds them, by name.
  std::map<std::string, std::filesystem::path> build() {
    const std::pair<const char*, const char*> modules[] = {{"sample", sample}, {"helper", helper}, {"user", user}};
    for (const auto& [name, source] : modules)
      home_.put("labs/build/modules/" + std::string(name) + "/" + name + ".c", source);
    const auto lab = home_.put("labs/build/lab.yaml",
                               "lab: build\nmodules: [{name: sample}, {name: helper}, {name: user}]\n"
                               "tests: [{name: builds, steps: [{build: sample}]}]\n");
    const auto outcome = home_.labctl({"run", lab, "--kernel", GetParam(), "--format", "json"});
    EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
    std::map<std::string, std::filesystem::path> built;
    const auto report = json::parse(outcome.standard_output);
    for (const auto& one : report["labs"][0]["builds"])
      built[one["module"]] = one["ko"].get<std::string>();
    return built;
  }
  std::string variant_of(const std::filesystem::path& ko, const Variant& variant) {
    const auto file = home_.path() / (variant.name + ".ko");
    std::vector<std::string> argv = {"objcopy", "-g"};
    argv.insert(argv.end(), variant.objcopy.begin(), variant.objcopy.end());
    argv.insert(argv.end(), {ko.string(), file.string()});
    run_tool(argv);
    std::string bytes = slurp(file);
    for (const auto& [from, to] : variant.replace) {
      const auto at = bytes.find('\0' + from) + 1;
      EXPECT_NE(at, 0U) << from;
      bytes.replace(at, to.size(), to);
    }
    bytes.resize(bytes.size() - variant.cut);
    if (variant.wrong_machine) bytes[18] = 40;
    home_.put(variant.name + ".ko", bytes);
    return bytes;
  }
  ProcessOutcome check(const std::filesystem::path& ko, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"check-module", ko, "--kernel", GetParam()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.labctl(arguments);
  }
  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, CheckModule, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

// A test of the lab for each file: its load must end as its findings say, with their lines in the log.
TEST_P(CheckModule, SaysWhatTheKernelWillSay) {
  const auto built = build();
  std::string header, table, sizes, tests;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant& variant = variants[i];
    const std::string bytes = variant_of(built.at("sample"), variant);
    const auto outcome = check(home_.path() / (variant.name + ".ko"), {"--json"});
    const auto report = json::parse(outcome.standard_output);
    bool found = variant.kind.empty() && report["findings"].empty();
    int error = 0;
    std::string dmesg = error == 0 && report["loads"] ? "      - dmesg: \"sample: loaded\"\n" : "";
    for (const auto& finding : report["findings"]) {
      found = found || finding["kind"] == variant.kind;
      if (error == 0 && finding["prevents_load"]) error = numbers.at(finding["errno"]);
      if (finding["log"] != "") dmesg += "      - dmesg: " + finding["log"].dump() + "\n";
    }
    EXPECT_TRUE(found) << variant.name << ": " << outcome.standard_output;
    EXPECT_EQ(outcome.end.exit_status, report["loads"] ? 0 : 1) << variant.name;
    EXPECT_EQ(report["loads"], error == 0) << variant.name;
    header += "static unsigned char file" + std::to_string(i) + "[] = {";
    for (const char c : bytes)
      header += std::to_string(static_cast<unsigned char>(c)) + ",";
    header += "};\n";
    table += "file" + std::to_string(i) + ",";
    sizes += "sizeof(file" + std::to_string(i) + "),";
    tests += "  - name: " + variant.name + "\n    steps:\n      - run: insert " + std::to_string(i) +
             "\n        expect: {stdout: \"errno " + std::to_string(error) + "\"}\n" + dmesg;
  }
  home_.put("labs/load/insert.c", inserter);
  home_.put("labs/load/files.h", header + "static unsigned char *files[] = {" + table +
                                     "};\nstatic unsigned long sizes[] = {" + sizes + "};\n");
  home_.put("labs/load/modules/helper/helper.c", helper);
  const auto lab =
      home_.put("labs/load/lab.yaml",
                "lab: load\nmodules: [{name: helper}]\nprograms: [{name: insert, sources: [insert.c, files.h]}]\n"
                "tests:\n" +
                    tests);
  const auto outcome = home_.labctl({"run", lab, "--kernel", GetParam()});
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
}

TEST_P(CheckModule, KnowsWhatIsLoadedBefore) {
  const auto built = build();
  auto outcome = check(built.at("user"));
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, AllOf(HasSubstr("user was built to use helper (used at "),
                                             HasSubstr("user.c:5)"), HasSubstr("load helper first")));
  outcome = check(built.at("user"), {"--after", built.at("helper")});
  EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_output;
  outcome = check(built.at("user"), {"--flavour", "release", "--after", "/no/such.ko"});
  EXPECT_EQ(outcome.end.exit_status, 2) << outcome.standard_error;
}

TEST_P(CheckModule, ARunSaysWhyALoadFailed) {
  home_.put("labs/order/modules/helper/helper.c", helper);
  home_.put("labs/order/modules/user/user.c", user);
  const auto lab = home_.put("labs/order/lab.yaml", R"(lab: order
modules: [{name: helper}, {name: user}]
tests:
  - name: in the wrong order
    steps:
      - load: user
  - name: as the lab wants it
    steps:
      - load: user
        expect: {errno: ENOENT}
      - load: helper
      - load: user
)");
  const auto outcome = home_.labctl({"run", lab, "--kernel", GetParam()});
  EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_error;
  EXPECT_THAT(outcome.standard_output,
              AllOf(HasSubstr("1 passed, 1 failed"), HasSubstr("user: Unknown symbol helper_add (err -2)"),
                    HasSubstr("helper exports helper_add, and is not loaded"), HasSubstr("user.c:5"),
                    HasSubstr("load helper first")));
}

// modpost's refusals, before anything is booted.
TEST_P(CheckModule, ARunSaysWhyModpostRefusedAModule) {
  const auto run = [&](const std::string& declaration, const std::string& call, const std::string& licence) {
    const auto source =
        home_.put("refused.c", "#include <linux/ktime.h>\n#include <linux/module.h>\n" + declaration +
                                   "\nint refused_init(void);\nint refused_init(void)\n{\n\treturn (int)" + call +
                                   ";\n}\n" + licence + "\n");
    const auto outcome =
        home_.labctl({"run", home_.put_lab("refused", source, "      - build: refused\n"), "--kernel", GetParam()});
    return std::to_string(outcome.end.exit_status) + " " + outcome.standard_output + outcome.standard_error;
  };
  const std::string gpl = "MODULE_LICENSE(\"GPL\");";
  EXPECT_THAT(run("int do_idle(void);", "do_idle()", gpl),
              AllOf(testing::StartsWith("1 "), HasSubstr("a static function of the kernel's own"),
                    ContainsRegex("used at [^)]*refused/modules/refused/refused.c:7\\)")));
  EXPECT_THAT(run("", "ktime_get()", "MODULE_LICENSE(\"Proprietary\");"),
              AllOf(testing::StartsWith("1 "),
                    HasSubstr("ktime_get is only for modules with a licence that is compatible with the GPL"),
                    HasSubstr("refused.c:7")));
  EXPECT_THAT(run("", "ktime_get()", gpl), testing::StartsWith("0 ")) << "the control";
}

TEST(CheckModuleUsage, FaultsAreWhose) {
  const Home home(CacheOf::all);
  EXPECT_EQ(home.labctl({"check-module"}).end.exit_status, 2);
  EXPECT_EQ(home.labctl({"check-module", home.path() / "absent.ko"}).end.exit_status, 2);
  const std::string some = home.put("some.ko", "no module, but a file");
  EXPECT_EQ(home.labctl({"check-module", some, "--kernel", "no-such-kernel"}).end.exit_status, 2);
  Home empty(CacheOf::test);
  std::filesystem::remove(empty.cache() / "kernels");
  const auto outcome = empty.labctl({"check-module", some, "--kernel", "6.1"});
  EXPECT_EQ(outcome.end.exit_status, 3);
  EXPECT_THAT(outcome.standard_error, HasSubstr("labctl kernel build 6.1 --flavour release"));
}

}  // namespace
}  // namespace labctl::e2e
