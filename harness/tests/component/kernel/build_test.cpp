// Building from folders and packages, with fake trees and the real make, compiler and sandbox.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store_fixture.hpp"
#include "support/files.hpp"

namespace labctl::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class BuildTest : public StoreTest {};

TEST_F(BuildTest, MakesEveryFileOfAnEntry) {
  make_fake_tree(tree());
  const auto kernel = store().build("mine", "release", tree());
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->identity.name, "mine");
  EXPECT_EQ(kernel->identity.release, "5.4.286");
  EXPECT_EQ(kernel->identity.flavour, "release");
  EXPECT_EQ(kernel->identity.key.size(), 64U);
  for (const auto& file :
       {kernel->bzimage(), kernel->vmlinux(), kernel->symbols(), kernel->config(), kernel->system_map(),
        kernel->folder / "build.log", kernel->folder / "kernel.json", kernel->headers() / "Makefile",
        kernel->headers() / ".config", kernel->headers() / "Module.symvers",
        kernel->headers() / "include/linux/module.h", kernel->headers() / "include/config/auto.conf",
        kernel->headers() / "arch/x86/Makefile", kernel->headers() / "scripts/Makefile.build"})
    EXPECT_TRUE(fs::is_regular_file(file)) << file;
  EXPECT_FALSE(fs::exists(kernel->headers() / "init")) << "sources are not headers";
  EXPECT_EQ(read_file(kernel->config()).value_or(""), "CONFIG_TINY=y\n\nCONFIG_SMP=y\n\n");
  EXPECT_LT(fs::file_size(kernel->vmlinux()), fs::file_size(kernel->symbols()));
  EXPECT_EQ(progress_.most, 1U);
  EXPECT_EQ(progress_.begun.size(), progress_.ended);
  EXPECT_THAT(left_in_tmp(), IsEmpty());
}

TEST_F(BuildTest, TheSecondTimeNothingIsBuilt) {
  make_fake_tree(tree());
  const auto first = store().build("mine", "release", tree());
  ASSERT_TRUE(first) << first.error().message;
  const auto second = store().build("mine", "release", tree());
  ASSERT_TRUE(second);
  EXPECT_EQ(first->folder, second->folder);
  EXPECT_EQ(progress_.builds(), 1U);
  const auto found = store().find("mine", "release");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->folder, first->folder);
  EXPECT_EQ(found->identity.release, "5.4.286");
  EXPECT_FALSE(store().find("mine", "debug"));
}

TEST_F(BuildTest, AHeaderIsInTheTreeThatIsBuiltAndInNoOther) {
  put(config() / "extra.h", "#define ANSWER 42\n");
  put(config() / "kernels.yaml",
      "default: \"5.4\"\nkernels:\n  - name: \"5.4\"\n    version: \"5.4.302\"\n    tarball: {url: "
      "\"http://x/y.tar.xz\", "
      "sha256: \"" +
          std::string(64, '0') + "\"}\n    release: [base.config, extra.h]\n    debug: [base.config]\n");
  FakeTree with;
  with.source = "int start_kernel(void) { return ANSWER; }\n";
  with.before_compiling = "cat labctl/extra.h init/main.c > init/both.c && mv init/both.c init/main.c";
  make_fake_tree(tree(), with);
  const auto kernel = store().build("mine", "release", tree());
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_FALSE(fs::exists(tree() / "labctl"));
  EXPECT_FALSE(store().build("mine", "debug", tree())) << "its fragments have no header";
}

TEST_F(BuildTest, TheUsersTreeIsLeftAlone) {
  make_fake_tree(tree());
  put(tree() / ".config", "CONFIG_OLD=y\n");
  put(tree() / "include/generated/autoconf.h", "old\n");
  put(tree() / "init/main.o", "old");
  ASSERT_TRUE(store().build("mine", "release", tree()));
  EXPECT_EQ(read_file(tree() / ".config").value_or(""), "CONFIG_OLD=y\n");
  EXPECT_TRUE(fs::exists(tree() / "include/generated/autoconf.h"));
  EXPECT_FALSE(fs::exists(tree() / "cleaned")) << "make mrproper ran in the user's tree";
}

TEST_F(BuildTest, AFolderThatIsNoKernelTreeSaysWhatIsMissing) {
  put(tree() / "Makefile", "all:\n");
  fs::create_directories(tree() / "scripts");
  const auto kernel = store().build("mine", "release", tree());
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
  EXPECT_THAT(kernel.error().message, HasSubstr("is not a kernel source tree"));
  EXPECT_THAT(kernel.error().message, HasSubstr("VERSION, PATCHLEVEL and SUBLEVEL"));
  EXPECT_THAT(kernel.error().message, HasSubstr("arch/x86"));
  EXPECT_THAT(kernel.error().message, testing::Not(HasSubstr("no scripts")));
}

TEST_F(BuildTest, AFolderThatIsNotThereIsAUsageError) {
  const auto kernel = store().build("mine", "release", root() / "nowhere");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
  EXPECT_THAT(kernel.error().message, HasSubstr("nowhere"));
}

TEST_F(BuildTest, AnOptionThatCannotBeHadIsNamedWithItsFragment) {
  make_fake_tree(tree());
  put(config() / "base.config", "CONFIG_SMP=y\nCONFIG_IMPOSSIBLE=y\n# CONFIG_TINY is not set\n");
  const auto kernel = store().build("mine", "release", tree());
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
  EXPECT_THAT(kernel.error().message, HasSubstr("CONFIG_IMPOSSIBLE=y (base.config:2) is not in the final .config"));
  EXPECT_EQ(entries(), 0U);
  EXPECT_THAT(left_in_tmp(), IsEmpty());
}

TEST_F(BuildTest, ASourceThatDoesNotCompileQuotesTheCompilerAndKeepsTheLog) {
  make_fake_tree(tree(), {.source = "int start_kernel(void) { return undeclared_thing; }\n"});
  const auto kernel = store().build("mine", "release", tree());
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::harness);
  EXPECT_THAT(kernel.error().message, HasSubstr("kernel 5.4.286 (release) does not compile"));
  EXPECT_THAT(kernel.error().message, HasSubstr("init/main.c:1:"));
  EXPECT_THAT(kernel.error().message, HasSubstr("undeclared_thing"));
  const auto log = cache_root() / "kernels/logs/mine-release.log";
  EXPECT_THAT(kernel.error().hint, HasSubstr(log.string()));
  EXPECT_THAT(read_file(log).value_or(""), HasSubstr("undeclared_thing"));
  EXPECT_EQ(entries(), 0U);
  EXPECT_THAT(left_in_tmp(), IsEmpty());
}

TEST_F(BuildTest, UnknownNamesAndFlavoursAreUsageErrors) {
  auto kernels = store();
  const auto name = kernels.build("5.5", "release", std::nullopt);
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().fault, Fault::usage);
  EXPECT_THAT(name.error().hint, HasSubstr("5.4"));
  const auto flavour = kernels.build("5.4", "releese", std::nullopt);
  ASSERT_FALSE(flavour);
  EXPECT_EQ(flavour.error().fault, Fault::usage);
  EXPECT_THAT(flavour.error().hint, HasSubstr("release"));
  const auto outside = kernels.build("../up", "release", tree());
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().fault, Fault::usage);
}

TEST_F(BuildTest, AMissingBuildToolIsNamedWithItsPackage) {
  make_fake_tree(tree());
  fs::create_directories(root() / "bin");
  for (const char* tool : {"gcc", "make", "ld", "objcopy", "bison"})
    fs::create_symlink(*find_program(tool), root() / "bin" / tool);
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (root() / "bin").c_str(), 1);
  const auto kernel = store().build("mine", "release", tree());
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::harness);
  EXPECT_THAT(kernel.error().message, HasSubstr("flex, bc not installed"));
  EXPECT_EQ(kernel.error().hint, "apt-get install flex bc");
}

TEST_F(BuildTest, AnInterruptedBuildLeavesNothing) {
  make_fake_tree(tree(), {.before_compiling = "sleep 1000"});
  progress_.on_begin = [&](const std::string& title) {
    if (title.starts_with("building ")) stop_.request();
  };
  const auto kernel = store().build("mine", "release", tree());
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::interrupted);
  EXPECT_EQ(entries(), 0U);
  EXPECT_THAT(left_in_tmp(), IsEmpty());
}

TEST_F(BuildTest, ADamagedEntryIsBuiltAgain) {
  make_fake_tree(tree());
  const auto first = store().build("mine", "release", tree());
  ASSERT_TRUE(first) << first.error().message;
  fs::resize_file(first->bzimage(), 1);
  EXPECT_FALSE(store().find("mine", "release"));
  const auto second = store().build("mine", "release", std::nullopt);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(progress_.builds(), 2U);
  EXPECT_EQ(read_file(second->bzimage()).value_or(""), "boot\n");
}

// Runs a build in a process of its own; its exit status is the number of kernels that it compiled, 99 on failure.
class BuildInAnotherProcess {
 public:
  template <class Build>
  explicit BuildInAnotherProcess(Build build) {
    EXPECT_EQ(::pipe2(pipe_, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::_exit(build(pipe_[1]));
    }
    ::close(pipe_[1]);
  }
  ~BuildInAnotherProcess() { ::close(pipe_[0]); }
  // Until the process says that it compiles.
  void wait_until_it_compiles() {
    char byte = 0;
    EXPECT_EQ(::read(pipe_[0], &byte, 1), 1) << "the process ended without compiling";
  }
  void kill() { ::kill(pid_, SIGKILL); }
  int end() {
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
  }

 private:
  int pipe_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST_F(BuildTest, TwoBuildsAtOnceBuildOnce) {
  make_fake_tree(tree());
  const auto build = [&](int told) -> int {
    progress_.on_begin = [&](const std::string& title) {
      if (title.starts_with("building ") && ::write(told, "x", 1) != 1) ::_exit(97);
    };
    const auto kernel = store().build("mine", "release", tree());
    return kernel ? static_cast<int>(progress_.builds()) : 99;
  };
  BuildInAnotherProcess first(build);
  first.wait_until_it_compiles();
  BuildInAnotherProcess second(build);
  const int of_second = second.end();
  const int of_first = first.end();
  EXPECT_EQ(of_first, 1);
  EXPECT_EQ(of_second, 0);
  EXPECT_EQ(entries(), 1U);
}

bool runs(const std::string& argument) {
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator("/proc", ignored)) {
    std::ifstream file(item.path() / "cmdline", std::ios::binary);
    const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (line == std::string("sleep") + '\0' + argument + '\0') return true;
  }
  return false;
}

TEST_F(BuildTest, KillingTheProcessEndsTheWholeBuild) {
  const std::string unique = "1000." + std::to_string(::getpid());
  make_fake_tree(tree(), {.before_compiling = "echo '  CC      started'; sleep " + unique});
  BuildInAnotherProcess build([&](int told) -> int {
    class TellWhenCompiling final : public Progress {
     public:
      explicit TellWhenCompiling(int fd) : fd_(fd) {}
      void begin(const std::string&, std::uint64_t, const std::string&) override {}
      void advance(std::uint64_t done) override {
        if (done == 1 && ::write(fd_, "x", 1) != 1) ::_exit(97);
      }
      void end(bool) override {}
      void note(const std::string&) override {}
      int fd_;
    } progress(told);
    auto cache = Cache::open(cache_root());
    auto kernels = KernelStore::open(*cache, {config(), 2}, progress, {});
    return kernels->build("mine", "release", tree()) ? 0 : 99;
  });
  build.wait_until_it_compiles();
  const auto wait_until_it_runs = [&](bool wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (runs(unique) != wanted && std::chrono::steady_clock::now() < deadline)
      ::usleep(1000);
    return runs(unique) == wanted;
  };
  ASSERT_TRUE(wait_until_it_runs(true)) << "there is nothing to outlive labctl";
  build.kill();
  EXPECT_EQ(build.end(), 98);
  EXPECT_TRUE(wait_until_it_runs(false)) << "make's children outlive labctl";
  // The next one sweeps what it left, and builds.
  make_fake_tree(tree());
  ASSERT_TRUE(store().build("mine", "release", tree()));
  EXPECT_THAT(left_in_tmp(), IsEmpty());
}

}  // namespace
}  // namespace labctl::test
