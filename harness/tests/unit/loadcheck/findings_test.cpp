#include "loadcheck/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace labctl {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* magic = "6.1.192 SMP mod_unload ";

LoadingKernel kernel_of(const std::string& release = "6.1.192") {
  LoadingKernel kernel;
  kernel.name = "6.1";
  kernel.release = release;
  kernel.vermagic = release + " SMP mod_unload ";
  for (const auto& symbol : parse_symvers("0x00000000\t_printk\tvmlinux\tEXPORT_SYMBOL\t\n"
                                          "0x00000000\tkobject_create_and_add\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"
                                          "0x00000000\tcxl_add\tvmlinux\tEXPORT_SYMBOL_GPL\tCXL\n"))
    kernel.exports.emplace(symbol.name, symbol);
  kernel.system_map =
      "ffffffff81000000 T _text\nffffffff8109599f T kallsyms_lookup_name\nffffffff81095a00 t do_idle\n"
      "ffffffff82095a00 d cpu_idle_poll\n";
  return kernel;
}

ModuleFile module_using(std::vector<std::string> symbols) {
  ModuleFile module;
  module.name = "hello";
  module.licence = "GPL";
  module.vermagic = magic;
  module.finished = true;
  for (auto& symbol : symbols)
    module.undefined.push_back({std::move(symbol), false});
  return module;
}

// The one finding that there is.
Finding only(const std::vector<Finding>& findings) {
  EXPECT_THAT(findings, SizeIs(1));
  return findings.empty() ? Finding() : findings.front();
}

TEST(Findings, AGoodModuleHasNone) {
  EXPECT_THAT(find_load_faults(module_using({"_printk", "kobject_create_and_add"}), kernel_of()), IsEmpty());
}

struct Magic {
  const char* its;
  const char* what;
};
class Vermagic : public testing::TestWithParam<Magic> {};

TEST_P(Vermagic, SaysWhichPartDiffers) {
  auto module = module_using({});
  module.vermagic = GetParam().its;
  const Finding finding = only(find_load_faults(module, kernel_of()));
  EXPECT_EQ(finding.kind, FindingKind::vermagic);
  EXPECT_EQ(finding.error_number, ENOEXEC);
  EXPECT_EQ(finding.log,
            std::string("hello: version magic '") + GetParam().its + "' should be '6.1.192 SMP mod_unload '");
  EXPECT_EQ(finding.what, std::string("its vermagic is another: ") + GetParam().what);
  EXPECT_THAT(finding.hint, HasSubstr("labctl kernel path 6.1"));
}

INSTANTIATE_TEST_SUITE_P(
    Findings, Vermagic,
    testing::Values(
        Magic{"5.10.0-23-amd64 SMP mod_unload ", "it was built for Linux 5.10.0-23-amd64, and this is 6.1.192"},
        Magic{"6.1.192 SMP preempt mod_unload ", "it was built for a kernel with preempt, which this one has not"},
        Magic{"6.1.192 SMP mod_unload modversions ",
              "it was built for a kernel with modversions, which this one has not"},
        Magic{"6.1.192 mod_unload ", "this kernel has SMP, for which it was not built"},
        Magic{"6.1.192 SMP mod_unload", "the same words, written otherwise"},
        Magic{"",
              "it was built for Linux ?, and this is 6.1.192; this kernel has SMP, mod_unload, for which "
              "it was not built"}));

TEST(Findings, WithoutVermagicTheKernelSaysNothing) {
  auto module = module_using({});
  module.vermagic.reset();
  const Finding finding = only(find_load_faults(module, kernel_of()));
  EXPECT_EQ(finding.kind, FindingKind::vermagic);
  EXPECT_EQ(finding.error_number, ENOEXEC);
  EXPECT_EQ(finding.log, "");
}

TEST(Findings, WhatTheKernelKeepsToItselfIsNotExported) {
  const auto findings =
      find_load_faults(module_using({"kallsyms_lookup_name", "do_idle", "cpu_idle_poll"}), kernel_of());
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_THAT(findings[0].what, HasSubstr("it is a function of the kernel's own"));
  EXPECT_THAT(findings[1].what, HasSubstr("it is a static function of the kernel's own"));
  EXPECT_THAT(findings[2].what, HasSubstr("it is a static variable of the kernel's own"));
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.kind, FindingKind::unknown_symbol);
    EXPECT_EQ(finding.error_number, ENOENT);
    EXPECT_EQ(finding.log, "hello: Unknown symbol " + finding.symbol + " (err -2)");
  }
}

TEST(Findings, AMistypedNameHasItsNeighbour) {
  const Finding finding = only(find_load_faults(module_using({"kobject_create_add"}), kernel_of()));
  EXPECT_EQ(finding.kind, FindingKind::unknown_symbol);
  EXPECT_EQ(finding.hint, "did you mean kobject_create_and_add?");
  EXPECT_THAT(only(find_load_faults(module_using({"frobnicate"}), kernel_of())).hint, HasSubstr("is it spelt right?"));
}

TEST(Findings, AConfigOptionIsNamedWhereAHeaderTells) {
  auto kernel = kernel_of();
  kernel.declaration = [](const std::string&) { return Declaration{"include/linux/pm.h", {"CONFIG_PM"}}; };
  Finding finding = only(find_load_faults(module_using({"pm_thing"}), kernel));
  EXPECT_EQ(finding.what,
            "Linux 6.1.192 has no pm_thing as it is built, though its include/linux/pm.h declares it for kernels with "
            "PM");
  EXPECT_EQ(finding.hint, "kernel: {config: [PM]} in the lab, or labctl kernel build 6.1 --config PM");
  kernel.declaration = [](const std::string&) { return Declaration{"include/linux/usb.h", {}}; };
  finding = only(find_load_faults(module_using({"usb_thing"}), kernel));
  EXPECT_THAT(finding.what, HasSubstr("include/linux/usb.h declares it"));
  EXPECT_THAT(finding.hint, HasSubstr("may bring it")) << "which one is not known, and not guessed";
}

TEST(Findings, AWeakSymbolMayBeMissing) {
  auto module = module_using({});
  module.undefined = {{"frobnicate", true}};
  EXPECT_THAT(find_load_faults(module, kernel_of()), IsEmpty());
}

TEST(Findings, GplOnlySymbolsAskForALicence) {
  auto module = module_using({"_printk", "kobject_create_and_add"});
  module.licence = "Proprietary";
  const auto findings = find_load_faults(module, kernel_of());
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].kind, FindingKind::licence);
  EXPECT_FALSE(findings[0].prevents_load());
  EXPECT_EQ(findings[0].log, "hello: module license 'Proprietary' taints kernel.");
  EXPECT_EQ(findings[1].kind, FindingKind::gpl_only_symbol);
  EXPECT_EQ(findings[1].error_number, ENOENT);
  EXPECT_EQ(findings[1].log, "hello: Unknown symbol kobject_create_and_add (err -2)");
  for (const char* good : {"GPL v2", "Dual MIT/GPL"}) {
    module.licence = good;
    EXPECT_THAT(find_load_faults(module, kernel_of()), IsEmpty()) << good;
  }
}

TEST(Findings, AMissingLicenceOnlyTaints) {
  auto module = module_using({"_printk"});
  module.licence.reset();
  const Finding finding = only(find_load_faults(module, kernel_of()));
  EXPECT_EQ(finding.kind, FindingKind::no_licence);
  EXPECT_FALSE(finding.prevents_load());
  EXPECT_EQ(finding.log, "hello: module license 'unspecified' taints kernel.");
}

TEST(Findings, AnotherModulesSymbolIsADependency) {
  const OtherModules there{{{"pair_next", "pair_first"}}, {}}, absent{{}, {{"pair_next", "pair_first"}}};
  auto module = module_using({"pair_next"});
  EXPECT_THAT(find_load_faults(module, kernel_of(), there), IsEmpty());
  Finding finding = only(find_load_faults(module, kernel_of(), absent));
  EXPECT_EQ(finding.kind, FindingKind::missing_dependency);
  EXPECT_EQ(finding.what, "pair_first exports pair_next, and is not loaded");
  EXPECT_EQ(finding.hint, "load pair_first first");
  EXPECT_EQ(finding.error_number, ENOENT);
  module.depends = {"pair_first"};
  finding = only(find_load_faults(module, kernel_of()));
  EXPECT_EQ(finding.kind, FindingKind::missing_dependency);
  EXPECT_EQ(finding.what, "Linux 6.1.192 itself has no pair_next, and hello was built to use pair_first");
}

TEST(Findings, NamespacesAreImported) {
  auto module = module_using({"cxl_add"});
  const Finding finding = only(find_load_faults(module, kernel_of()));
  EXPECT_EQ(finding.kind, FindingKind::symbol_namespace);
  EXPECT_EQ(finding.error_number, EINVAL);
  EXPECT_EQ(finding.log, "hello: module uses symbol (cxl_add) from namespace CXL, but does not import it.");
  module.namespaces = {"CXL"};
  EXPECT_THAT(find_load_faults(module, kernel_of()), IsEmpty());
}

TEST(Findings, VersionsOfSymbolsMustAgree) {
  auto kernel = kernel_of();
  kernel.modversions = true;
  kernel.vermagic = "6.1.192 SMP mod_unload modversions ";
  kernel.exports["_printk"].crc = 0x1234;
  auto module = module_using({"_printk"});
  module.vermagic = "6.1.7 SMP mod_unload modversions ";
  EXPECT_THAT(find_load_faults(module, kernel), ElementsAre(Field(&Finding::kind, FindingKind::symbol_version),
                                                            Field(&Finding::kind, FindingKind::vermagic)))
      << "without versions the release counts";
  module.has_versions = true;
  module.versions = {{"_printk", 0x1234}};
  EXPECT_THAT(find_load_faults(module, kernel), IsEmpty()) << "with them it does not";
  module.versions = {{"_printk", 0x1235}};
  Finding finding = only(find_load_faults(module, kernel));
  EXPECT_EQ(finding.error_number, EINVAL);
  EXPECT_EQ(finding.log, "hello: disagrees about version of symbol _printk");
  module.versions.clear();
  EXPECT_EQ(only(find_load_faults(module, kernel)).log, "hello: no symbol version for _printk");
  kernel.release = "5.4.286";
  EXPECT_THAT(find_load_faults(module, kernel), IsEmpty()) << "5.4 only warns";
}

TEST(Findings, AnObjectFileIsNoModuleYet) {
  auto module = module_using({});
  module.finished = false;
  EXPECT_EQ(only(find_load_faults(module, kernel_of())).log, "hello: No module found in object");
  module.stripped = true;
  EXPECT_EQ(only(find_load_faults(module, kernel_of())).log, "hello: module has no symbols (stripped?)");
}

TEST(Findings, AFileThatIsNoModuleIsRefusedInTheKernelsWords) {
  const BrokenFile broken{"it is no ELF file", "Invalid ELF header magic"};
  EXPECT_EQ(not_a_module(broken, kernel_of()).log, "Invalid ELF header magic");
  EXPECT_EQ(not_a_module(broken, kernel_of("5.4.286")).log, "Module has invalid ELF structures");
  EXPECT_EQ(not_a_module(broken, kernel_of("5.15.1")).log, "") << "not known";
  EXPECT_EQ(not_a_module(broken, kernel_of()).error_number, ENOEXEC);
}

TEST(Findings, AdviceIsOneLine) {
  Finding finding = only(find_load_faults(module_using({"frob\x1b[31m"}), kernel_of()));
  finding.used_at = "hello.c:12";
  EXPECT_THAT(advice(finding), AllOf(HasSubstr("(used at hello.c:12); "), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace labctl
