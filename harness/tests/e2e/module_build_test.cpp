// Modules built by the commands learned from kbuild are, byte for byte, those that kbuild builds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "driver.hpp"
#include "kernel/kernel_store.hpp"
#include "kmod/exported_symbols.hpp"
#include "kmod/module_builder.hpp"
#include "kmod/module_source.hpp"
#include "spec/lab_reader.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::Not;

// Every module that this repository holds, as the lab (or test) that uses it has it built. They are dealt out.
std::vector<ModuleSource> modules_for(const KernelChoice& kernel) {
  const auto kernels = built_kernels({"release", "debug"});
  std::vector<ModuleSource> modules;
  std::size_t number = 0;
  const auto keep = [&](Result<ModuleSource> source) {
    if (source) modules.push_back(std::move(*source));
    EXPECT_TRUE(source) << source.error().message;
  };
  for (const fs::path& item : items_of(source("labs"))) {
    if (!fs::exists(item / "lab.yaml")) continue;
    const auto lab = read_lab(item / "lab.yaml");
    if (!lab) throw std::runtime_error(lab.error().message);
    for (const auto& spec : lab->modules) {
      if (!spec.tree.empty()) continue;  // built by a makefile of its own, or in a tree, which has tests of its own
      const fs::path own = item / "modules" / spec.name;
      if (is_dealt(number++, kernel, kernels))
        keep(collect_sources(spec, fs::exists(own) ? own : source("modules") / spec.name, false));
    }
    if (is_dealt(number++, kernel, kernels)) keep(collect_sources(lab->modules.at(0), item / "starter", true));
  }
  // language/ has modules of several files and a program; its own test builds them.
  const fs::path modules_of_tests = source("harness/tests/e2e/modules");
  for (const fs::path& folder : {modules_of_tests, modules_of_tests / "debug"})
    for (const fs::path& file : items_of(folder))
      if (file.extension() == ".c" && file.stem() != "preprocessor-loop" && is_dealt(number++, kernel, kernels)) {
        const std::string name = file.stem();
        keep(collect_single_file({name, {name + ".c"}, {}, {}}, file));
      }
  return modules;
}

class ModuleBuild : public testing::TestWithParam<KernelChoice> {
 protected:
  void SetUp() override {
    const auto [name, flavour] = GetParam();
    auto users = Cache::open(user_cache());
    ASSERT_TRUE(users) << users.error().message;
    NoProgress quiet;
    auto store = KernelStore::open(*users, {source("kernel-config"), 1}, quiet, {});
    ASSERT_TRUE(store) << store.error().message;
    kernel_ = store->find(name, flavour);
    if (!kernel_)
      GTEST_SKIP() << "kernel " << name << " (" << flavour << ") is not in the cache: labctl kernel build " << name
                   << " --flavour " << flavour;
  }

  Cache cache_with_kernels(const char* name) const {
    const fs::path root = home_.path() / name;
    fs::create_directory(root);
    fs::create_directory_symlink(user_cache() / "kernels", root / "kernels");
    return Cache::open(root).value();
  }

  BuildResult build(const ModuleSource& source, BuildCommands commands, Sandbox sandbox = Sandbox::on) {
    const Cache& cache = commands == BuildCommands::learned ? learning_ : plain_;
    ModuleBuildOptions options;
    options.commands = commands;
    options.sandbox = sandbox;
    auto built = build_module(cache, *kernel_, source, options, {});
    if (!built) throw std::runtime_error(built.error().message);
    return *built;
  }
  std::size_t scripts_learned() const {
    std::size_t found = 0;
    for (const auto& entry : learning_.entries())
      found +=
          entry.kind == "commands" && !slurp(learning_.root() / "commands" / entry.key / "commands").empty() ? 1 : 0;
    return found;
  }

  Home home_{CacheOf::test};
  // Neither has a module yet.
  const Cache learning_ = cache_with_kernels("learning");
  const Cache plain_ = cache_with_kernels("plain");
  std::optional<Kernel> kernel_;
};

INSTANTIATE_TEST_SUITE_P(Kernels, ModuleBuild,
                         testing::Values(KernelChoice{"5.4", "release"}, KernelChoice{"5.4", "debug"},
                                         KernelChoice{"6.1", "release"}, KernelChoice{"6.1", "debug"}),
                         [](const auto& instance) {
                           std::string name = "v" + instance.param.name + instance.param.flavour;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST_P(ModuleBuild, LearnedCommandsGiveTheBytesThatKbuildGives) {
  std::size_t compared = 0;
  for (const auto& module : modules_for(GetParam())) {
    SCOPED_TRACE(module.files.at(0).shown.string());
    const BuildResult learned = build(module, BuildCommands::learned);
    const BuildResult kbuild = build(module, BuildCommands::kbuild);
    EXPECT_EQ(learned.succeeded, kbuild.succeeded);
    EXPECT_EQ(learned.message, kbuild.message);
    // The message of one that fails may name a file of the assembler's that is called differently each time.
    EXPECT_TRUE(!kbuild.succeeded || learned.output == kbuild.output) << learned.output << kbuild.output;
    EXPECT_EQ(learned.ko_sha256, kbuild.ko_sha256);
    compared += kbuild.succeeded ? 1 : 0;
  }
  EXPECT_GT(compared, 10U);
  EXPECT_GT(scripts_learned(), 0U) << "kbuild was compared with itself";
}

TEST_P(ModuleBuild, SeveralSourcesAndFlags) {
  home_.put("both/sum.h", "int sum(int a, int b);\n");
  home_.put("both/sum.c", "#include \"sum.h\"\nint sum(int a, int b) { return a + b; }\n");
  home_.put("both/two-parts.c",
            "#include <linux/module.h>\n#include \"sum.h\"\n"
            "static int __init begin(void) { return sum(TWO, -2); }\nstatic void __exit end(void) {}\n"
            "module_init(begin);\nmodule_exit(end);\nMODULE_LICENSE(\"GPL\");\n");
  const auto source =
      collect_sources({"two-parts", {"two-parts.c", "sum.c"}, {"-DTWO=2"}, {}}, home_.path() / "both", false);
  ASSERT_TRUE(source) << source.error().message;
  for (const Sandbox sandbox : {Sandbox::on, Sandbox::off}) {
    const BuildResult learned = build(*source, BuildCommands::learned, sandbox);
    ASSERT_TRUE(learned.succeeded) << learned.output;
    // Outside the sandbox the debug information names a folder that is another each time.
    if (sandbox == Sandbox::off) continue;
    EXPECT_EQ(learned.ko_sha256, build(*source, BuildCommands::kbuild, sandbox).ko_sha256);
  }
  EXPECT_EQ(scripts_learned(), 2U);
}

// With the symbols of another module, as KBUILD_EXTRA_SYMBOLS gives them.
TEST_P(ModuleBuild, SymbolsOfAnotherModule) {
  home_.put("giver/giver.c",
            "#include <linux/module.h>\nint given(int n);\nint given(int n) { return n + 1; }\n"
            "EXPORT_SYMBOL_GPL(given);\nMODULE_LICENSE(\"GPL\");\n");
  home_.put("taker/taker.c",
            "#include <linux/module.h>\nint given(int n);\n"
            "static int __init begin(void) { return given(1) - 2; }\nstatic void __exit end(void) {}\n"
            "module_init(begin);\nmodule_exit(end);\nMODULE_LICENSE(\"GPL\");\n");
  const auto giver = collect_sources({"giver", {"giver.c"}, {}, {}}, home_.path() / "giver", false);
  auto taker = collect_sources({"taker", {"taker.c"}, {}, {}}, home_.path() / "taker", false);
  ASSERT_TRUE(giver && taker);
  const bool release = GetParam().flavour == "release";
  EXPECT_FALSE(release && build(*taker, BuildCommands::kbuild).succeeded) << "the control: nobody gives it";
  const BuildResult given = build(*giver, BuildCommands::learned);
  ASSERT_TRUE(given.succeeded) << given.output;
  taker->symbols = symbols_used(symbol_names(*taker), given.symbols);
  const BuildResult learned = build(*taker, BuildCommands::learned);
  ASSERT_TRUE(learned.succeeded) << learned.output;
  const BuildResult kbuild = build(*taker, BuildCommands::kbuild);
  EXPECT_EQ(learned.ko_sha256, kbuild.ko_sha256);
  EXPECT_EQ(learned.output, kbuild.output);
  EXPECT_EQ(scripts_learned(), 2U) << "kbuild was compared with itself";
}

// A module of a tree is built where it is in it, by the same commands as one that stands alone.
TEST_P(ModuleBuild, InATree) {
  home_.put("book/ch1/own/own.c",
            "#include <linux/module.h>\n#include \"../../book.h\"\n#include <more.h>\n"
            "static int __init begin(void) { return BOOK + MORE; }\nstatic void __exit end(void) {}\n"
            "module_init(begin);\nmodule_exit(end);\nMODULE_LICENSE(\"GPL\");\n");
  home_.put("book/book.h", "#define BOOK 1\n");
  home_.put("book/include/more.h", "#define MORE -1\n");
  ModuleSpec spec{"own", {"own.c"}, {"-I../../include"}, {}};
  spec.folder = "ch1/own";
  const auto tree = read_tree(home_.path() / "book", {});
  ASSERT_TRUE(tree) << tree.error().message;
  const auto source = collect_from_tree(spec, std::make_shared<const SourceTree>(*tree));
  ASSERT_TRUE(source) << source.error().message;
  const BuildResult learned = build(*source, BuildCommands::learned);
  ASSERT_TRUE(learned.succeeded) << learned.output;
  EXPECT_EQ(learned.ko_sha256, build(*source, BuildCommands::kbuild).ko_sha256);
  EXPECT_EQ(scripts_learned(), 1U) << "kbuild was compared with itself";
  EXPECT_TRUE(build(*source, BuildCommands::learned, Sandbox::off).succeeded);
}

// A script that fails is not the last word.
TEST_P(ModuleBuild, WhatTheCommandsCannotBuildIsKbuilds) {
  const ModuleSpec spec{"init-error", {"init-error.c"}, {}, {}};
  const auto source = collect_single_file(spec, e2e::source("harness/tests/e2e/modules/init-error.c"));
  ASSERT_TRUE(source);
  const BuildResult good = build(*source, BuildCommands::learned);
  ASSERT_TRUE(good.succeeded);
  fs::path entry;
  for (const auto& found : learning_.entries()) {
    if (found.kind == "commands") entry = learning_.root() / found.kind / found.key;
    if (found.kind == "modules") fs::remove_all(learning_.root() / found.kind / found.key);
  }
  std::ofstream(entry / "commands") << "false\n";
  reseal(entry);
  const BuildResult by_kbuild = build(*source, BuildCommands::learned);
  EXPECT_TRUE(by_kbuild.succeeded) << by_kbuild.output;
  EXPECT_FALSE(by_kbuild.cached);
  EXPECT_EQ(by_kbuild.ko_sha256, good.ko_sha256);
}

}  // namespace
}  // namespace labctl::e2e
