#include "guest/frame.hpp"

#include <gtest/gtest.h>

#include <random>

#include "guest/kmsg.hpp"

namespace labctl {
namespace {

TEST(Fields, RoundTrip) {
  Fields fields;
  fields.add(1, "path");
  fields.add_number(2, 0x1122334455667788ULL);
  fields.add(1, std::string("\0\xff", 2));
  const Fields read = Fields::decode(fields.encode());
  EXPECT_EQ(read.all(), fields.all());
  EXPECT_EQ(read.text(1), "path");
  EXPECT_EQ(read.number(2, 0), 0x1122334455667788ULL);
  EXPECT_EQ(read.number(3, 7), 7U);
  EXPECT_FALSE(read.has(3));
}

TEST(Fields, StopAtWhatIsCut) {
  Fields fields;
  fields.add(1, "whole");
  fields.add(2, "cut here");
  std::string bytes = fields.encode();
  bytes.resize(bytes.size() - 3);
  EXPECT_EQ(Fields::decode(bytes).all().size(), 1U);
}

TEST(FrameReader, FindsFramesWhateverThePieces) {
  const std::string stream = encode_frame({3, 42, "hello"}) + encode_frame({4, 43, ""});
  FrameReader reader;
  std::vector<Frame> found;
  for (char byte : stream) {
    reader.feed(std::string_view(&byte, 1));
    while (auto frame = reader.next())
      found.push_back(*frame);
  }
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].type, 3);
  EXPECT_EQ(found[0].id, 42U);
  EXPECT_EQ(found[0].payload, "hello");
  EXPECT_EQ(found[1].payload, "");
  EXPECT_EQ(reader.skipped(), 0U);
}

TEST(FrameReader, SurvivesGarbageBeforeBetweenAndInside) {
  std::mt19937 random(1);
  const auto garbage = [&](std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random());
    return bytes;
  };
  for (int round = 0; round < 200; ++round) {
    std::string damaged = encode_frame({3, 1, "payload that is damaged"});
    damaged[random() % damaged.size()] ^= 0x40;
    const std::string good = encode_frame({3, 2, garbage(random() % 300)});
    FrameReader reader;
    reader.feed(garbage(random() % 100) + damaged + garbage(random() % 100) + good);
    std::vector<Frame> found;
    while (auto frame = reader.next())
      found.push_back(*frame);
    ASSERT_EQ(found.size(), 1U) << "round " << round;
    EXPECT_EQ(found[0].id, 2U);
    EXPECT_GT(reader.skipped(), 0U);
  }
}

TEST(FrameReader, AHugeLengthIsNotWaitedFor) {
  // A header whose checksum is right but whose length is beyond the protocol's maximum would otherwise block for ever.
  std::string frame = encode_frame({3, 1, std::string((4 << 20) + 1, 'x')});
  FrameReader reader;
  reader.feed(frame.substr(0, 1000) + encode_frame({3, 2, "next"}));
  auto found = reader.next();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, 2U);
}

TEST(FrameReader, AStreamOfBadPayloadsIsGivenUp) {
  // Each header claims 4 MiB and has a payload that does not match: a checksum for every one of them would take
  // minutes.
  std::string header = encode_frame({3, 1, std::string(4 << 20, 'x')}).substr(0, 28);
  std::string stream;
  while (stream.size() < (8U << 20))
    stream += header;
  FrameReader reader;
  reader.feed(stream);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.bad_payloads(), 8U);
}

TEST(Kmsg, ReadsARecord) {
  auto record = parse_kmsg("6,339,5140900,-,caller=T1;NET: Registered protocol family 10\n SUBSYSTEM=net\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->level, 6);
  EXPECT_EQ(record->facility, 0);
  EXPECT_EQ(record->sequence, 339U);
  EXPECT_EQ(record->timestamp_us, 5140900U);
  EXPECT_EQ(record->caller, "T1");
  EXPECT_EQ(record->text, "NET: Registered protocol family 10");
}

TEST(Kmsg, TellsUserSpaceApartAndUndoesEscapes) {
  auto record = parse_kmsg("12,1,2,-;a\\x0ab\\x5cc\\xzz");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->facility, 1);
  EXPECT_EQ(record->level, 4);
  EXPECT_EQ(record->text, "a\nb\\c\\xzz");
}

TEST(Kmsg, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_kmsg(""));
  EXPECT_FALSE(parse_kmsg("no semicolon"));
  EXPECT_FALSE(parse_kmsg("x,1,2,-;text"));
  EXPECT_FALSE(parse_kmsg("6,1;text"));
}

}  // namespace
}  // namespace labctl
