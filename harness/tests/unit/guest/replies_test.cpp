#include "replies.hpp"

#include <gtest/gtest.h>

#include "agent/protocol.h"

namespace labctl {
namespace {

void add_task(Fields& fields, int id, const char* name, const char* state, bool own, const char* stack) {
  fields.add_number(TAG_TASK, static_cast<std::uint64_t>(id));
  fields.add(TAG_NAME, name);
  fields.add(TAG_STATE, state);
  fields.add_number(TAG_OWN, own ? 1 : 0);
  fields.add(TAG_STACK, stack);
}

TEST(Replies, AnActionThatWasEndedSaysWhereItWas) {
  Fields reply;
  reply.add_number(TAG_TIMED_OUT, 1);
  add_task(reply, 31, "insmod", "D", true, "[<0>] f+0x1/0x2\n");
  add_task(reply, 33, "keeper", "R", false, "");
  reply.add(TAG_RECORD, "4,100,5000,-,caller=T1;NMI backtrace for cpu 1\n");
  Observation seen;
  fill(seen, Action(LoadStep{"lab", {}, 0}), reply);
  EXPECT_EQ(seen.ending, Ending::timed_out);
  EXPECT_FALSE(seen.program_timed_out);
  EXPECT_EQ(seen.data, "");
  ASSERT_TRUE(seen.hang);
  ASSERT_EQ(seen.hang->tasks.size(), 2U);
  EXPECT_EQ(seen.hang->tasks[0].id, 31);
  EXPECT_EQ(seen.hang->tasks[0].name, "insmod");
  EXPECT_EQ(seen.hang->tasks[0].state, 'D');
  EXPECT_TRUE(seen.hang->tasks[0].own);
  EXPECT_EQ(seen.hang->tasks[0].stack, "[<0>] f+0x1/0x2\n");
  EXPECT_FALSE(seen.hang->tasks[1].own);
  ASSERT_EQ(seen.hang->said.size(), 1U);
  EXPECT_EQ(seen.hang->said[0].text, "NMI backtrace for cpu 1");
  EXPECT_EQ(seen.hang->said[0].caller, "T1");
}

TEST(Replies, OneThatCompletedWasNowhere) {
  Fields reply;
  reply.add_number(TAG_ERRNO, 0);
  Observation seen;
  fill(seen, Action(LoadStep{"lab", {}, 0}), reply);
  EXPECT_EQ(seen.ending, Ending::completed);
  EXPECT_FALSE(seen.hang);
}

TEST(Replies, FieldsThatBelongToNoTaskAreLeftOut) {
  Fields reply;
  reply.add(TAG_STACK, "[<0>] f+0x1/0x2\n");
  reply.add(TAG_STATE, "");
  EXPECT_TRUE(hang_in(reply).tasks.empty());
}

}  // namespace
}  // namespace labctl
