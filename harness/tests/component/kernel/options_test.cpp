// Kernels with options of their own, for labs that need more than the flavour has.
#include "store_fixture.hpp"
#include "support/files.hpp"

namespace labctl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OptionsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    make_tarball();
    auto kernel = store().build("5.4", "release", std::nullopt);
    ASSERT_TRUE(kernel) << kernel.error().message;
    plain_ = *kernel;
  }
  std::string config_of(const Kernel& kernel) { return read_file(kernel.config()).value_or(""); }
  Kernel plain_;
};

TEST_F(OptionsTest, WhatTheKernelHasNeedsNoOther) {
  const auto kernel = store().with_options(plain_, {"SMP"});
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->folder, plain_.folder);
  EXPECT_EQ(progress_.builds(), 1U);
  EXPECT_THAT(progress_.notes, IsEmpty());
}

TEST_F(OptionsTest, WhatItLacksIsBuiltOnceAndSaid) {
  const auto kernel = store().with_options(plain_, {"VETH", "SMP", "LOG_BUF_SHIFT=18", "DEFAULT_HOSTNAME=lab"});
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_NE(kernel->folder, plain_.folder);
  EXPECT_EQ(kernel->identity.name, "5.4");
  EXPECT_EQ(kernel->identity.flavour, "release");
  EXPECT_THAT(config_of(*kernel), HasSubstr("CONFIG_VETH=y\n"));
  EXPECT_THAT(config_of(*kernel), HasSubstr("CONFIG_LOG_BUF_SHIFT=18\n"));
  EXPECT_THAT(config_of(*kernel), HasSubstr("CONFIG_DEFAULT_HOSTNAME=\"lab\"\n"));
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_THAT(progress_.notes[0], HasSubstr("kernel 5.4.286 (release) does not have DEFAULT_HOSTNAME=lab, "
                                            "LOG_BUF_SHIFT=18, VETH: one that has is built"));
  // In any order, and in another process.
  const auto again = store().with_options(plain_, {"LOG_BUF_SHIFT=18", "DEFAULT_HOSTNAME=lab", "VETH"});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->folder, kernel->folder);
  EXPECT_EQ(progress_.builds(), 2U);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(OptionsTest, TheFlavoursOwnKernelStaysWhatItsNameMeans) {
  const auto kernel = store().with_options(plain_, {"VETH"});
  ASSERT_TRUE(kernel);
  const auto found = store().find("5.4", "release");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->folder, plain_.folder);
  const auto listed = store().list();
  const auto with = std::find_if(listed.begin(), listed.end(), [](const auto& one) { return !one.options.empty(); });
  ASSERT_NE(with, listed.end());
  EXPECT_EQ(with->name, "5.4");
  EXPECT_EQ(with->flavour, "release");
  EXPECT_THAT(with->options, ElementsAre("VETH"));
  ASSERT_TRUE(with->built);
  EXPECT_EQ(with->built->folder, kernel->folder);
}

TEST_F(OptionsTest, OneThatIsGoneIsNotListedAndIsBuiltAgain) {
  const auto kernel = store().with_options(plain_, {"VETH"});
  ASSERT_TRUE(kernel);
  fs::remove_all(kernel->folder);
  for (const auto& listing : store().list())
    EXPECT_THAT(listing.options, IsEmpty());
  ASSERT_TRUE(store().with_options(plain_, {"VETH"}));
  EXPECT_EQ(progress_.builds(), 3U);
}

TEST_F(OptionsTest, OneThatCannotBeHadIsNamedWithWhatItNeeds) {
  const auto kernel = store().with_options(plain_, {"IMPOSSIBLE", "VETH"});
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
  EXPECT_THAT(kernel.error().message, HasSubstr("cannot have 1 of the config options asked for"));
  EXPECT_THAT(kernel.error().message, HasSubstr("CONFIG_IMPOSSIBLE=y"));
  EXPECT_THAT(kernel.error().message, HasSubstr("it depends on (NET || UML) && NETDEVICES && PCI"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(OptionsTest, OneThatNobodyKnowsOrCanSetSaysSo) {
  const auto unknown = store().with_options(plain_, {"VERY_IMPOSSIBLE"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("this kernel does not know it"));
  const auto hidden = store().with_options(plain_, {"HIDDEN_IMPOSSIBLE"});
  ASSERT_FALSE(hidden);
  EXPECT_THAT(hidden.error().message, HasSubstr("other options select it"));
}

TEST_F(OptionsTest, WithoutASourceTheOptionIsNamed) {
  fs::remove(tarball());
  const auto kernel = store().with_options(plain_, {"VETH"});
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::harness);
  EXPECT_THAT(kernel.error().message, HasSubstr("does not have VETH, and one that has cannot be built"));
}

TEST_F(OptionsTest, AKernelThatTheUserNamedIsBuiltFromItsOwnSource) {
  make_fake_tree(root() / "mine");
  const auto own = store().build("mine", "release", root() / "mine");
  ASSERT_TRUE(own) << own.error().message;
  const auto with = store().with_options(*own, {"VETH"});
  ASSERT_TRUE(with) << with.error().message;
  EXPECT_EQ(with->identity.name, "mine");
  EXPECT_THAT(config_of(*with), HasSubstr("CONFIG_VETH=y\n"));

  fs::remove_all(root() / "mine");
  EXPECT_TRUE(store().with_options(*own, {"VETH"})) << "it is kept";
  const auto kernel = store().with_options(*own, {"SMP", "DUMMY"});
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::harness);
  EXPECT_THAT(
      kernel.error().message,
      testing::AllOf(HasSubstr("kernel 5.4.286 (release) does not have DUMMY, and one that has cannot be built"),
                     HasSubstr("its source " + (root() / "mine").string() + " is gone")));
  EXPECT_THAT(kernel.error().hint, HasSubstr("labctl kernel build mine --source TREE"));
}

TEST_F(OptionsTest, OptionsThatExcludeEachOtherAreNamed) {
  FakeTree tree;
  tree.before_compiling = "if grep -q VETH .config; then sed -i /CONFIG_SMP/d .config; fi";
  make_fake_tree(root() / "mine", tree);
  const auto own = store().build("mine", "release", root() / "mine");
  ASSERT_TRUE(own) << own.error().message;
  const auto kernel = store().with_options(*own, {"SMP", "VETH"});
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
  EXPECT_THAT(kernel.error().message,
              HasSubstr("no kernel 5.4.286 has all of SMP, VETH: SMP is not in what was built with the others"));
}

TEST_F(OptionsTest, WhatIsNoOptionIsAUsageError) {
  const auto kernel = store().with_options(plain_, {"VETH=m"});
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
}

}  // namespace
}  // namespace labctl::test
