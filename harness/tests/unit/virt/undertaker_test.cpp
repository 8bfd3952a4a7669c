#include "undertaker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace labctl {
namespace {

TEST(Undertaker, DoesNotWaitForWorkUntilItGoes) {
  std::promise<void> may_end;
  std::atomic<int> done = 0;
  {
    Undertaker undertaker;
    undertaker.bury([&, gate = may_end.get_future().share()] {
      gate.wait();
      ++done;
    });
    std::promise<void> second;
    undertaker.bury([&] { second.set_value(); });
    second.get_future().wait();  // which the first does not hold up
    EXPECT_EQ(done, 0);
    may_end.set_value();
  }
  EXPECT_EQ(done, 1);
}

TEST(Undertaker, WaitsForWorkThatWorkBrings) {
  std::atomic<int> done = 0;
  {
    Undertaker undertaker;
    undertaker.bury([&] { undertaker.bury([&] { ++done; }); });
  }
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace labctl
