#include "support/sha256.hpp"

#include <gtest/gtest.h>

namespace labctl {
namespace {

// Vectors of FIPS 180-2, appendix B.
TEST(Sha256, KnownVectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, FieldsCannotRunTogether) {
  EXPECT_NE(Sha256().field("ab").field("c").hex(), Sha256().field("a").field("bc").hex());
  EXPECT_EQ(Sha256().update("ab").update("c").hex(), Sha256().update("a").update("bc").hex());
}

}  // namespace
}  // namespace labctl
