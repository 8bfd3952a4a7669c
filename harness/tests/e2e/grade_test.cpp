// `labctl grade`: that no attack earns a point, that every submission ends in the state that it must, and that a
// grading which was cut short ends as one that was not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>
#include <thread>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AnyOf;
using testing::Contains;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;

std::string reference() {
  return slurp(source("modules/hello-lkm/hello-lkm.c"));
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// A module that does nothing of its task, but this when it is loaded.
std::string instead(const std::string& in_init, const std::string& before = "") {
  return "#include <linux/module.h>\n" + before + "static int __init attack_init(void)\n{\n" + in_init +
         "\nreturn 0;\n}\nstatic void __exit "
         "attack_exit(void)\n{\n}\nmodule_init(attack_init);\nmodule_exit(attack_exit);\n"
         "MODULE_LICENSE(\"GPL\");\n";
}

// The reference, and this when it is loaded.
std::string beside(const std::string& in_init, const std::string& before = "") {
  return changed(changed(reference(), "\tpr_info(\"Hello", "\t" + in_init + "\n\tpr_info(\"Hello"), "static int __init",
                 before + "static int __init");
}

struct Attack {
  std::string id;
  std::string state;
  std::string text;  // of hello-lkm.c; empty: it is no plain source, and made by hand below
  int most = 0;      // points: what it does of its task, it does earn
};

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = {
      // Talking the judge round.
      {"says-pass", "failed", instead("pr_info(\"ok 1 greets when it is loaded\\nPASS\\n10 of 10 points\\n\");")},
      {"false-time", "failed", instead("printk(\"[    0.000000] hello_lkm: Hello, kernel world\\n\");")},
      {"other-level", "failed", changed(reference(), "pr_info(\"Hello", "pr_debug(\"Hello"), 0},
      {"escapes", "failed", instead("pr_info(\"\\033[2J\\033]0;PASS\\007 =cmd() <script>alert(1)</script>\\n\");")},
      // Around the lab.
      {"port-out", "refused", beside("outb('P', 0x3f8);", "#include <asm/io.h>\n")},
      {"port-bytes", "refused", beside("asm volatile(\".byte 0xee\" : : \"a\"('P'), \"d\"(0x3f8));")},
      {"port-string", "refused", beside("asm volatile(\"rep outsb\" : : \"S\"(\"PASS\"), \"c\"(4), \"d\"(0x3f8));")},
      {"hidden-name", "refused", beside("__symbol_get(\"call_usermodehelper\");")},
      {"too-much-code", "refused",
       beside("", "asm(\".text\\nlong_" + std::string(1500, 'w') + ":\\n.rept 60000\\njmp long_" +
                      std::string(1500, 'w') + "\\n.endr\");\n")},
      {"msr", "refused", beside("asm volatile(\"wrmsr\" : : \"c\"(0x10), \"a\"(0), \"d\"(0));")},
      {"protection", "refused", beside("unsigned long x; asm volatile(\"mov %%cr0, %0\" : \"=r\"(x));")},
      {"program", "refused",
       beside("char *argv[] = {\"/bin/true\", NULL}; call_usermodehelper(argv[0], argv, NULL, 1);",
              "#include <linux/umh.h>\n")},
      {"open-file", "refused", beside("filp_open(\"/dev/console\", 2, 0);", "#include <linux/fs.h>\n")},
      {"look-up", "refused", beside("char name[200]; sprint_symbol(name, 0);", "#include <linux/kallsyms.h>\n")},
      {"probe", "refused",
       beside("static struct kprobe p = {.symbol_name = \"vfs_read\"}; register_kprobe(&p);",
              "#include <linux/kprobes.h>\n")},
      {"restart", "refused", instead("emergency_restart();", "#include <linux/reboot.h>\n")},
      {"quiet-console", "refused", beside("console_printk[0] = 0;")},
      // The host's files, at build time.
      {"incbin", "build-failed", beside("", "asm(\".incbin \\\"/etc/shadow\\\"\");\n")},
      {"include", "build-failed", beside("", "#include \"/etc/shadow\"\n")},
      {"include-others", "build-failed", beside("", "#include \"../says-pass/hello-lkm.c\"\n")},
      {"include-itself", "build-failed", "#include __FILE__\n"},
      {"huge-object", "build-failed", beside("", "asm(\".data\\n.fill 100000000\\n.text\");\n")},
      {"no-c", "build-failed", "int main(void) { return $; }\n"},
      // The guest's kernel.
      {"null", "crashed", instead("*(volatile int *)8 = 1;")},
      {"bug", "crashed", instead("BUG();")},
      {"panics", "crashed", instead("panic(\"ok\");", "#include <linux/panic.h>\n#include <linux/kernel.h>\n")},
      {"use-after-free", "crashed",
       beside("{ char *p = kmalloc(8, GFP_KERNEL); kfree(p); *(volatile char *)p = 1; }", "#include <linux/slab.h>\n")},
      {"atomic-sleep", "crashed",
       beside("{ static DEFINE_SPINLOCK(l); spin_lock(&l); msleep(1); spin_unlock(&l); }",
              "#include <linux/delay.h>\n#include <linux/spinlock.h>\n")},
      {"runs-forever", "timeout", instead("for (;;)\n\tcpu_relax();")},
      {"waits-forever", "timeout", instead("for (;;)\n\tmsleep(1000);", "#include <linux/delay.h>\n")},
      {"hides", "failed", beside("list_del(&THIS_MODULE->list);", "#include <linux/list.h>\n")},
      {"forges", "tampered", slurp(source("harness/tests/e2e/modules/port-forge.c"))},
      // What is no source.
      {"link", "refused", ""},
      {"leads-out", "refused", ""},
      {"bomb", "refused", ""},
      {"object-for-source", "refused", ""},
      {"only-objects", "refused", ""},
      {"pipe", "refused", ""},
      {"wide-letters", "refused", ""},
      {"nothing", "refused", ""},
      {"twice", "refused", ""},
      {"damaged", "refused", ""},
      // Good modules with hostile things beside them.
      {"makefile", "passed", reference(), 10},
      {"shipped", "passed", reference(), 10},
      {"=cmd()", "passed", reference(), 10},
      {"Григорий", "passed", reference(), 10},
  };
  return all;
}

class Grading : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel("6.1", {"debug"}); !missing.empty()) GTEST_SKIP() << missing;
  }

  fs::path in() const { return home_.path() / "in"; }
  fs::path out(const std::string& name = "out") const { return home_.path() / name; }

  void hand_in(const std::string& id, const std::string& text) const { home_.put("in/" + id + "/hello-lkm.c", text); }

  // Makes an archive that no archiver would.
  void make_archive(const std::string& name, const std::string& python) const {
    const fs::path script = home_.put("make.py", "import io, sys, tarfile, zipfile\nfile = sys.argv[1]\n" + python);
    const std::string command = "/usr/bin/python3 '" + script.string() + "' '" + (in() / name).string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  std::vector<std::string> arguments(const std::string& to, const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"grade", "hello-lkm", in(), "--out", out(to), "--kernel", "6.1", "--seed", "s"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ProcessOutcome grade(const std::string& to, const std::vector<std::string>& more) const {
    return home_.labctl(arguments(to, more));
  }

  std::map<std::string, json> students(const std::string& to = "out") const {
    std::map<std::string, json> all;
    for (const auto& item : items_of(out(to) / "students"))
      if (item.extension() == ".json") {
        const auto student = json::parse(slurp(item));
        all[student.at("id")] = student;
      }
    return all;
  }

  static int earned(const json& student) {
    int points = 0;
    for (const auto& test : student.at("tests"))
      points += test.at("earned").get<int>();
    return points;
  }

  const Home home_{CacheOf::all};
};

TEST_F(Grading, NoAttackEarnsWhatItDidNotDo) {
  const fs::path witness = home_.path() / "witness";
  for (const auto& attack : attacks())
    if (!attack.text.empty()) hand_in(attack.id, attack.text);
  const std::string touch = "$(shell touch " + witness.string() + ")\nobj-m := hello-lkm.o\n";
  home_.put("in/makefile/Makefile", touch);
  home_.put("in/makefile/Kbuild", touch);
  home_.put("in/shipped/hello-lkm.o_shipped",
            "\x7f"
            "ELF");
  home_.put("in/shipped/hello-lkm.ko",
            "\x7f"
            "ELF");
  fs::create_directories(in() / "link");
  fs::create_symlink(source("modules/hello-lkm/hello-lkm.c"), in() / "link/hello-lkm.c");
  make_archive("leads-out.tgz",
               "t = tarfile.open(file, 'w:gz')\ni = tarfile.TarInfo('../../witness'); i.size = 1\n"
               "t.addfile(i, io.BytesIO(b'x'))\nt.close()\n");
  make_archive("bomb.zip",
               "z = zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED)\nz.writestr('hello-lkm.c', 'int x;')\n"
               "z.writestr('zeros', b'\\0' * (32 << 20))\nz.close()\n");
  home_.put("in/object-for-source/hello-lkm.c", std::string("\x7f"
                                                            "ELF\2\1\1\0",
                                                            8));
  home_.put("in/only-objects/hello-lkm.ko",
            "\x7f"
            "ELF");
  fs::create_directories(in() / "pipe");
  ASSERT_EQ(::mkfifo((in() / "pipe/hello-lkm.c").c_str(), 0600), 0);
  home_.put("in/wide-letters/hello-lkm.c", std::string("\xff\xfei\0n\0t\0", 8));
  fs::create_directories(in() / "nothing");
  hand_in("twice", reference());
  home_.put("in/twice.c", reference());
  home_.put("in/damaged.zip", "PK\3\4 and then nothing that makes sense");

  const auto outcome = grade("out", {"--jobs", "2"});
  EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_output << outcome.standard_error;
  const auto graded = students();
  EXPECT_EQ(graded.size(), attacks().size());
  for (const auto& attack : attacks()) {
    SCOPED_TRACE(attack.id);
    ASSERT_TRUE(graded.contains(attack.id));
    const json& student = graded.at(attack.id);
    EXPECT_EQ(student.at("state"), attack.state) << student.dump(1);
    EXPECT_LE(earned(student), attack.most) << student.dump(1);
    if (attack.state == "passed") EXPECT_EQ(earned(student), 10);
    if (attack.state == "refused") EXPECT_FALSE(student.at("refusals").empty());
  }
  EXPECT_FALSE(fs::exists(witness)) << "a student's makefile was run";
  EXPECT_THAT(processes_mentioning(home_.path().string()), testing::IsEmpty());

  const std::string book = slurp(out() / "gradebook.csv");
  EXPECT_THAT(book, HasSubstr("\n'=cmd(),"));
  EXPECT_THAT(book, Not(HasSubstr("\x1b")));
  for (const auto& item : items_of(out() / "students")) {
    if (item.extension() != ".html") continue;
    const std::string page = slurp(item);
    EXPECT_THAT(page, Not(HasSubstr("\x1b"))) << item;
    EXPECT_THAT(page, Not(HasSubstr("<script>"))) << item;
    EXPECT_THAT(page, Not(HasSubstr(home_.path().string()))) << item;
  }
}

class CutShort : public Grading {
 protected:
  void SetUp() override {
    Grading::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < 6; ++i)
      hand_in("good" + std::to_string(i), reference() + "/* " + std::to_string(i) + " */\n");
    hand_in("quiet", changed(reference(), "pr_info(\"Goodbye", "pr_debug(\"Goodbye"));
    hand_in("crash", instead("BUG();"));
    hand_in("none", "int x = ;\n");
  }
};

TEST_F(CutShort, EndsAsIfItHadNotBeen) {
  ASSERT_EQ(grade("whole", {"--jobs", "1"}).end.exit_status, 0);

  auto child = start_process(home_.command(arguments("cut", {"--jobs", "4"})), false);
  ASSERT_TRUE(child) << child.error().message;
  // Killed once some are graded and others are not.
  const auto graded = [this] {
    std::error_code none;
    return fs::exists(out("cut") / "students", none) ? items_of(out("cut") / "students").size() : 0;
  };
  while (graded() < 2 && !child->poll_end())
    std::this_thread::yield();
  ::kill(child->pid(), SIGKILL);
  EXPECT_EQ(child->terminate(std::chrono::seconds(5)).signal, SIGKILL) << "it was over before";
  EXPECT_FALSE(fs::exists(out("cut") / "gradebook.csv"));

  EXPECT_EQ(grade("cut", {"--jobs", "4"}).end.exit_status, 2) << "nothing is overwritten";
  // Kernel and seed are what they were.
  const auto resumed = home_.labctl({"grade", "hello-lkm", in(), "--out", out("cut"), "--resume"});
  EXPECT_EQ(resumed.end.exit_status, 0) << resumed.standard_error;
  EXPECT_THAT(resumed.standard_output, HasSubstr("were graded before and are kept"));
  EXPECT_EQ(slurp(out("cut") / "gradebook.csv"), slurp(out("whole") / "gradebook.csv"));
  EXPECT_EQ(slurp(out("cut") / "class.html"), slurp(out("whole") / "class.html"));
}

// Before anybody is graded there is nothing to go on with, and nothing in the way.
TEST_F(CutShort, AtItsVeryBeginningLeavesNothing) {
  auto child = start_process(home_.command(arguments("cut", {})), false);
  ASSERT_TRUE(child) << child.error().message;
  while (!fs::exists(out("cut") / "reference") && !child->poll_end())
    std::this_thread::yield();
  ::kill(child->pid(), SIGKILL);
  ASSERT_EQ(child->terminate(std::chrono::seconds(5)).signal, SIGKILL) << "it was over before";
  ASSERT_FALSE(fs::exists(out("cut") / "grading.json"));
  const auto again = grade("cut", {"--only", "good0"});
  EXPECT_EQ(again.end.exit_status, 0) << again.standard_error;
}

TEST_F(CutShort, ShardsMakeTheSameBook) {
  ASSERT_EQ(grade("whole", {}).end.exit_status, 0);
  ASSERT_EQ(grade("one", {"--shard", "1/2"}).end.exit_status, 0);
  ASSERT_EQ(grade("two", {"--shard", "2/2"}).end.exit_status, 0);
  // Who is in the other shard is in this one neither graded nor missing; who handed in nothing is missing.
  const fs::path roster = home_.put("roster.csv", "id\ngood0\ngood1\nzoe\n");
  ASSERT_EQ(grade("one", {"--shard", "1/2", "--resume", "--roster", roster}).end.exit_status, 0);
  const std::string part = slurp(out("one") / "gradebook.csv");
  EXPECT_THAT(part, HasSubstr("zoe,,,missing"));
  EXPECT_NE(part.find("\ngood0,") == std::string::npos, part.find("\ngood1,") == std::string::npos) << part;
  const auto merged = home_.labctl({"grade", "merge", out("one"), out("two"), "--out", out("merged")});
  EXPECT_EQ(merged.end.exit_status, 0) << merged.standard_error;
  EXPECT_EQ(slurp(out("merged") / "gradebook.csv"), slurp(out("whole") / "gradebook.csv"));
  const auto again = home_.labctl({"grade", "merge", out("one"), out("one"), "--out", out("again")});
  EXPECT_EQ(again.end.exit_status, 2);
}

TEST_F(CutShort, ABetterSubmissionIsGradedAgainAndNoOther) {
  ASSERT_EQ(grade("out", {"--only", "none", "--only", "good0"}).end.exit_status, 0);
  EXPECT_EQ(students().at("none").at("state"), "build-failed");
  const auto before = fs::last_write_time(out() / "students/good0.json");
  hand_in("none", reference());
  ASSERT_EQ(grade("out", {"--only", "none", "--only", "good0", "--resume"}).end.exit_status, 0);
  EXPECT_EQ(students().at("none").at("state"), "passed");
  EXPECT_EQ(fs::last_write_time(out() / "students/good0.json"), before);
}

// After a change of the spec: who has another grade, and because of which test. What did not change is not done again.
TEST_F(CutShort, ARegradeSaysWhoChangesAndWhy) {
  const fs::path labs = home_.path() / "course/labs";
  const fs::path spec = labs / "hello-lkm/lab.yaml";
  fs::create_directories(labs);
  fs::copy(source("labs/hello-lkm"), labs / "hello-lkm", fs::copy_options::recursive);
  home_.put("course/modules/hello-lkm/hello-lkm.c", reference());
  hand_in("mute", changed(reference(), "pr_info(\"Hello", "pr_debug(\"Hello"));
  ASSERT_EQ(grade("out", {"--labs", labs}).end.exit_status, 0);

  // The second test no longer asks for the goodbye at a level.
  const std::string before = slurp(spec);
  home_.put("course/labs/hello-lkm/lab.yaml", changed(before, "\", level: info, since: step}", "\", since: step}"));
  const std::vector<std::string> regrade = {"regrade", "hello-lkm", in(),       "--labs",
                                            labs,      "--diff",    out("out"), "--out"};
  auto once = regrade;
  once.push_back(out("again"));
  const auto outcome = home_.labctl(once);
  EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
  const auto was = students("out"), is = students("again");
  ASSERT_EQ(was.size(), is.size());
  for (const auto& [id, student] : is) {
    SCOPED_TRACE(id);
    if (student.at("state") == "build-failed") continue;
    // What was taken over has the times of the guest that it was seen in.
    EXPECT_EQ(student.at("tests").at(0), was.at(id).at("tests").at(0));
    EXPECT_NE(student.at("tests").at(1).at("key"), was.at(id).at("tests").at(1).at("key"));
  }
  EXPECT_THAT(slurp(out("again") / "changes.csv"), Eq("id,name,before,after,why\n"))
      << "pr_debug() says nothing at all";

  // Now it asks for more than the one with the quiet goodbye lacks, and gives fewer points.
  home_.put("course/labs/hello-lkm/lab.yaml", changed(before, "points: 5\n    hint: >-\n      module_exit",
                                                      "points: 3\n    hint: >-\n      module_exit"));
  auto twice = regrade;
  twice.push_back(out("third"));
  ASSERT_EQ(home_.labctl(twice).end.exit_status, 0);
  const std::string changes = slurp(out("third") / "changes.csv");
  EXPECT_THAT(changes,
              HasSubstr("good0,,10,8,\"says goodbye and leaves nothing behind: passed, 5 of 5 -> passed, 3 of 3\"\n"));
  EXPECT_THAT(changes, Not(HasSubstr("greets")));
}

TEST_F(Grading, ALabWhoseReferenceFailsGradesNobody) {
  hand_in("ada", reference());
  fs::create_directories(home_.path() / "course/labs");
  fs::copy(source("labs/hello-lkm"), home_.path() / "course/labs/hello-lkm", fs::copy_options::recursive);
  home_.put("course/modules/hello-lkm/hello-lkm.c", changed(reference(), "Goodbye", "Farewell"));
  const auto outcome = grade("out", {"--labs", home_.path() / "course/labs"});
  EXPECT_EQ(outcome.end.exit_status, 2);
  EXPECT_THAT(outcome.standard_error, HasSubstr("the lab's own reference does not pass"));
}

// The reference of every lab, and its starter, are what a student may hand in.
TEST(EveryLabsFiles, CanBeHandedIn) {
  if (!find_program("sim_c")) GTEST_SKIP() << "sim_c is not installed: apt install similarity-tester";
  const Home home{CacheOf::all};
  std::size_t labs = 0;
  for (const fs::path& item : items_of(source("labs"))) {
    const fs::path reference = source("modules") / item.filename();
    if (!fs::exists(item / "starter") || !fs::exists(reference)) continue;
    const fs::path in = home.path() / "in" / item.filename();
    fs::create_directories(in);
    fs::copy(reference, in / "ada", fs::copy_options::recursive);
    fs::copy(item / "starter", in / "bo", fs::copy_options::recursive);
    const auto outcome = home.labctl({"similar", item.filename(), in});
    EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
    EXPECT_THAT(outcome.standard_output, HasSubstr("of 2 submissions compared")) << outcome.standard_error;
    ++labs;
  }
  EXPECT_GE(labs, 36U);
}

TEST(GradeUsage, SaysWhatIsWrong) {
  const Home home{CacheOf::all};
  const fs::path in = home.put("in/ada.c", "x").parent_path();
  const fs::path twice = home.put("twice.csv", "id\na\na\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"grade"}, "labctl grade LAB SUBMISSIONS"},
      {{"grade", "hello-lkm", in}, "--out"},
      {{"grade", "hello-lkm", home.path() / "none", "--out", home.path() / "o"}, "cannot read the folder"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--roster", twice}, "second student with the id \"a\""},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--only", "adda"}, "did you mean \"ada\"?"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--shard", "3/2"}, "no part of a whole"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--late-per-day", "10"}, "add --due"},
      {{"grade", "hello-lkm", in, "--out", home.path() / "o", "--resume"}, "holds no grading"},
      {{"grade", "hello-lkm", in, "--out", in / "grades"}, "is in the folder of the submissions"},
      {{"grade", "merge", home.path() / "none", "--out", home.path() / "o"}, "holds no grading"},
  };
  for (const auto& [arguments, told] : wrong) {
    const auto outcome = home.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, 2) << told << outcome.standard_error;
    EXPECT_THAT(outcome.standard_error, HasSubstr(told));
  }
}

}  // namespace
}  // namespace labctl::e2e
