#include "kernel/fragments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::HasSubstr;

std::vector<LostOption> lost(const std::string& fragment, const std::string& config) {
  const auto options = requested_options({{"f.config", fragment}});
  EXPECT_TRUE(options) << options.error().message;
  return options ? lost_options(*options, config) : std::vector<LostOption>{};
}

TEST(Fragments, WhatIsAskedForAndGrantedIsNotLost) {
  EXPECT_TRUE(lost("CONFIG_SMP=y\nCONFIG_NR_CPUS=8\nCONFIG_NAME=\"a b\"\n# CONFIG_EFI is not set\n",
                   "CONFIG_SMP=y\nCONFIG_NR_CPUS=8\nCONFIG_NAME=\"a b\"\n# CONFIG_EFI is not set\n")
                  .empty());
}

TEST(Fragments, NamesEachLostOptionItsPlaceAndWhatItBecame) {
  const auto gone = lost("# a comment\nCONFIG_KASAN=y\nCONFIG_NR_CPUS=8\n# CONFIG_EFI is not set\nCONFIG_USB=y\n",
                         "CONFIG_NR_CPUS=64\nCONFIG_EFI=y\n# CONFIG_USB is not set\n");
  ASSERT_EQ(gone.size(), 4U);
  EXPECT_EQ(describe(gone[0]), "CONFIG_KASAN=y (f.config:2) is not in the final .config");
  EXPECT_EQ(describe(gone[1]), "CONFIG_NR_CPUS=8 (f.config:3) became 64");
  EXPECT_EQ(describe(gone[2]), "# CONFIG_EFI is not set (f.config:4) became y");
  EXPECT_EQ(describe(gone[3]), "CONFIG_USB=y (f.config:5) became \"is not set\"");
}

TEST(Fragments, AnOptionThatIsToBeOffMayBeAbsent) {
  EXPECT_TRUE(lost("# CONFIG_EFI is not set\nCONFIG_USB=n\n", "CONFIG_SMP=y\n").empty());
}

TEST(Fragments, TheNameMustMatchWhole) {
  EXPECT_EQ(lost("CONFIG_USB=y\n", "CONFIG_USB_HID=y\nCONFIG_NOUSB=y\n").size(), 1U);
}

TEST(Fragments, ALaterFragmentOverridesAnEarlierOne) {
  const auto options =
      requested_options({{"base.config", "CONFIG_HZ=100\nCONFIG_SMP=y\n"}, {"late.config", "CONFIG_HZ=250\n"}});
  ASSERT_TRUE(options);
  ASSERT_EQ(options->size(), 2U);
  EXPECT_EQ(options->at(0).value, "250");
  EXPECT_EQ(options->at(0).fragment, "late.config");
  EXPECT_EQ(options->at(0).line, 1);
}

TEST(Fragments, ALineThatIsNoOptionIsAnError) {
  for (const char* line : {"SMP=y", "CONFIG_SMP", "CONFIG_SMP=", "CONFIG_A B=y", "CONFIG_=y"}) {
    const auto options = requested_options({{"f.config", std::string("CONFIG_X=y\n") + line + "\n"}});
    ASSERT_FALSE(options) << line;
    EXPECT_EQ(options.error().fault, Fault::usage);
    EXPECT_THAT(options.error().message, HasSubstr("f.config:2: "));
  }
}

TEST(Fragments, MakeVariablesAndOptionsAreKeptApart) {
  const std::vector<Fragment> fragments = {{"a.config", "CONFIG_KASAN=y"},
                                           {"a.make", "# why\n\nKASAN_SANITIZE_posix-cpu-timers.o=n\n"},
                                           {"b.make", "KASAN_SANITIZE_fair.o=n"},
                                           {"b.h", "#define CONFIG_X 1\nint x = 1;\n"}};
  const auto options = requested_options(fragments);
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_EQ(options->size(), 1U);
  EXPECT_EQ(options->at(0).name, "CONFIG_KASAN");
  EXPECT_EQ(config_text(fragments), "\nCONFIG_KASAN=y\n");
  const auto variables = make_variables(fragments);
  ASSERT_TRUE(variables) << variables.error().message;
  EXPECT_THAT(*variables, testing::ElementsAre("KASAN_SANITIZE_posix-cpu-timers.o=n", "KASAN_SANITIZE_fair.o=n"));
}

TEST(Fragments, ALineThatIsNoMakeVariableIsAnError) {
  for (const char* line : {"NAME", "=n", "NAME=", "NAME=a b", "NAME =n", "NAME=$(shell id)", "A=b=c", "NAME=`id`"}) {
    const auto variables = make_variables({{"f.make", std::string("# why\n") + line + "\n"}});
    ASSERT_FALSE(variables) << line;
    EXPECT_EQ(variables.error().fault, Fault::usage);
    EXPECT_THAT(variables.error().message, HasSubstr("f.make:2: "));
  }
}

TEST(Fragments, AFragmentThatIsMissingIsNamed) {
  const auto fragments = read_fragments("/", {"no-such.config"});
  ASSERT_FALSE(fragments);
  EXPECT_EQ(fragments.error().fault, Fault::usage);
  EXPECT_THAT(fragments.error().message, HasSubstr("no-such.config"));
}

TEST(Fragments, ReadsAValueOfAConfig) {
  const char* config = "# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_BB=m\n";
  EXPECT_EQ(config_value(config, "CONFIG_A"), "n");
  EXPECT_EQ(config_value(config, "CONFIG_B"), "y");
  EXPECT_EQ(config_value(config, "CONFIG_C"), "n");
}

}  // namespace
}  // namespace labctl
