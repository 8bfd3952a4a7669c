#include "progress_display.hpp"

#include <gtest/gtest.h>

namespace labctl {
namespace {

using std::chrono::seconds;

TEST(BarLine, HalfWay) {
  EXPECT_EQ(bar_line("kernel 6.1", 590, 1180, "objects", seconds(60), 100),
            "kernel 6.1  [===============>              ]   50 %  590/1180 objects  1 min 0 s, 1 min 0 s left");
}

TEST(BarLine, AnEstimateThatWasTooLowNeverPassesAll) {
  const std::string line = bar_line("kernel", 1300, 1180, "objects", seconds(60), 100);
  EXPECT_NE(line.find("100 %"), std::string::npos) << line;
  EXPECT_NE(line.find("1180/1180"), std::string::npos) << line;
}

TEST(BarLine, NarrowAndUnknown) {
  EXPECT_LE(bar_line("a long title indeed", 5, 10, "objects", seconds(5), 40).size(), 40U);
  EXPECT_EQ(bar_line("fetch", 12, 0, "MB", seconds(3), 80), "fetch  12 MB  3.00 s");
}

}  // namespace
}  // namespace labctl
