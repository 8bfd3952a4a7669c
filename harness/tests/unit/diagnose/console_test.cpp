#include <gtest/gtest.h>

#include "diagnose/diagnose.hpp"

namespace labctl {
namespace {

TEST(Console, StampsBecomeRecords) {
  const auto log = records_from_console(
      "[    0.000000][    T0] Linux version\r\n[12345.678901][  C1] tick\r\n"
      "[    1.000002] no caller\n[    1.000003][    T9]  indented");
  ASSERT_EQ(log.size(), 4U);
  EXPECT_EQ(log[0].text, "Linux version");
  EXPECT_EQ(log[0].caller, "T0");
  EXPECT_EQ(log[0].timestamp_us, 0U);
  EXPECT_EQ(log[1].text, "tick");
  EXPECT_EQ(log[1].caller, "C1");
  EXPECT_EQ(log[1].timestamp_us, 12'345'678'901U);
  EXPECT_EQ(log[2].text, "no caller");
  EXPECT_EQ(log[2].caller, "");
  EXPECT_EQ(log[3].text, " indented");
  EXPECT_EQ(log[3].sequence, 3U);
  EXPECT_EQ(log[3].level, 6);
  EXPECT_EQ(log[3].facility, 0);
}

TEST(Console, OtherLinesContinueTheRecordBefore) {
  const auto log = records_from_console("BIOS\nmore BIOS\n[    0.100000] one\ntwo\n\n[    0.200000] three");
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[0].text, "BIOS\nmore BIOS");
  EXPECT_EQ(log[1].text, "one\ntwo\n");
  EXPECT_EQ(log[2].text, "three");
}

TEST(Console, AStampBehindUnfinishedOutputIsSeen) {
  const auto log = records_from_console("[    0.100000] one\n/ # [    0.200000][   T70] two [    0.300000] not three");
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0].text, "one\n/ # ");
  EXPECT_EQ(log[1].text, "two [    0.300000] not three");
}

TEST(Console, EmptyRecordsKeepTheirPlace) {
  const auto log = records_from_console("[    0.100000][    T1] \n[    0.100001][    T1]\n[    0.100002]");
  ASSERT_EQ(log.size(), 3U);
  for (const auto& record : log)
    EXPECT_EQ(record.text, "");
}

class NoStamp : public testing::TestWithParam<const char*> {};

TEST_P(NoStamp, IsText) {
  const auto log = records_from_console(std::string("[    0.100000] one\n") + GetParam());
  ASSERT_EQ(log.size(), 1U) << GetParam();
  EXPECT_EQ(log[0].text, std::string("one\n") + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Console, NoStamp,
                         testing::Values("[", "[]", "[ ]", "[    1.23] x", "[    1.2345678] x", "[1] x", "[.000000] x",
                                         "[    1.000000]x", "[-1.000000] x", "[ 9999999999999.000000] x",
                                         "[    1.000000", "[    1,000000] x", "x [1.000000] y", "[[[[[[",
                                         "[    1.000000][  T1", "[    1.000000][   X1] y"));

TEST(Console, NothingIsNothing) {
  EXPECT_TRUE(records_from_console("").empty());
  EXPECT_TRUE(records_from_console("\n\r\n\n").empty());
}

TEST(Console, AnyBytesAreTaken) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i)
    bytes += static_cast<char>(i * 7919 % 256);
  const auto log = records_from_console(bytes + "\n[    0.100000] here" + std::string("\0x", 2));
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[1].text, std::string("here\0x", 6));
}

TEST(Console, ManyBracketsAreNoProblem) {
  const auto log = records_from_console(std::string(10'000'000, '[') + "\n[    0.100000] end");
  ASSERT_EQ(log.size(), 2U);
}

}  // namespace
}  // namespace labctl
