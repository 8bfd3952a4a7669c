// What students may try against `labctl grade`: each attack ends in the state that it must, and earns no point that it
// did not work for.
#include <sys/stat.h>

#include <cstdlib>

#include "grading.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

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
      {"include-system", "refused", beside("", "#include \"/usr/include/asm-generic/errno-base.h\"\n")},
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
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  const auto graded = students();
  EXPECT_EQ(graded.size(), attacks().size());
  for (const auto& attack : attacks()) {
    SCOPED_TRACE(attack.id);
    ASSERT_TRUE(graded.contains(attack.id));
    const json& student = graded.at(attack.id);
    EXPECT_EQ(student.at("state"), attack.state) << student.dump(1);
    EXPECT_LE(earned(student), attack.most) << student.dump(1);
    if (attack.state == "passed") {
      EXPECT_EQ(earned(student), 10);
    }
    if (attack.state == "refused") {
      EXPECT_FALSE(student.at("refusals").empty());
    }
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

}  // namespace
}  // namespace labctl::e2e
