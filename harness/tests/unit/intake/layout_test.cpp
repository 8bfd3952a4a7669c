#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intake/layout.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;

std::vector<std::string> entries(const std::vector<std::string>& names, Layout layout = Layout::automatic) {
  const auto listing = list_entries("/in", names, layout);
  if (!listing) return {"error: " + listing.error().message};
  std::vector<std::string> all = {std::string(layout_name(listing->layout))};
  for (const auto& entry : listing->entries) {
    std::string text = entry.id + "|" + entry.name + (entry.late ? "|late" : "") + (entry.ambiguous() ? "|twice" : "");
    for (const auto& part : entry.parts)
      text += "|" + part.path.string() + (part.name.empty() ? "" : " as " + part.name);
    all.push_back(text);
  }
  return all;
}

TEST(Layout, PlainFoldersFilesAndArchives) {
  EXPECT_THAT(
      entries({"anna/", "bert.c", "carl.tar.gz", "dora.ZIP", "notes.txt", ".hidden/", "__MACOSX/"}),
      ElementsAre("plain", "anna||/in/anna", "bert||/in/bert.c", "carl||/in/carl.tar.gz", "dora||/in/dora.ZIP"));
}

TEST(Layout, TwoOfOneIdAreOneEntryThatIsNotClear) {
  EXPECT_THAT(entries({"anna/", "anna.zip"}), ElementsAre("plain", "anna||twice|/in/anna|/in/anna.zip"));
}

TEST(Layout, Moodle) {
  EXPECT_THAT(entries({"Anna_1_assignsubmission_file_/", "Carl_33_assignsubmission_onlinetext_/", "__MACOSX/"}),
              ElementsAre("moodle", "1|Anna|/in/Anna_1_assignsubmission_file_"))
      << "text that was typed in is no file";
  EXPECT_THAT(entries({"Anna Ünlü_1234567_assignsubmission_file_/", "Bo_de Vries_22_assignsubmission_file_/"}),
              ElementsAre("moodle", "1234567|Anna Ünlü|/in/Anna Ünlü_1234567_assignsubmission_file_",
                          "22|Bo_de Vries|/in/Bo_de Vries_22_assignsubmission_file_"));
  EXPECT_THAT(entries({"Anna_7_assignsubmission_file_mod.c"}),
              ElementsAre("moodle", "7|Anna|/in/Anna_7_assignsubmission_file_mod.c as mod.c"));
}

TEST(Layout, MoodleFilesOfOneStudentBelongTogether) {
  EXPECT_THAT(
      entries({"Anna_7_assignsubmission_file_a.c", "Anna_7_assignsubmission_file_a.h"}),
      ElementsAre("moodle",
                  "7|Anna|/in/Anna_7_assignsubmission_file_a.c as a.c|/in/Anna_7_assignsubmission_file_a.h as a.h"));
}

// A student names their files, and so could name another student in them.
TEST(Layout, AFileNameChangesNobodysId) {
  EXPECT_THAT(entries({"Eve_123_assignsubmission_file_x_456_assignsubmission_file_a.c"}),
              ElementsAre("moodle",
                          "123|Eve|/in/Eve_123_assignsubmission_file_x_456_assignsubmission_file_a.c as "
                          "x_456_assignsubmission_file_a.c"));
  EXPECT_THAT(entries({"eve_12_901_x_13_902_a.c"}),
              ElementsAre("canvas", "12|eve|/in/eve_12_901_x_13_902_a.c as x_13_902_a.c"));
}

TEST(Layout, WhatIsNobodysIsTold) {
  const auto listing =
      list_entries("/in", {"anna.c", "bob.7z", "notes.txt", ".hidden", "__MACOSX/"}, Layout::automatic);
  ASSERT_TRUE(listing);
  EXPECT_THAT(listing->not_taken, ElementsAre("bob.7z", "notes.txt"));
}

TEST(Layout, IdsArePrintable) {
  EXPECT_THAT(entries({"m\xfcl/"})[0], testing::HasSubstr("cannot be the name of a submission"));
  EXPECT_THAT(entries({"a\x1b[31m/"})[0], testing::HasSubstr("cannot be the name of a submission"));
  EXPECT_THAT(entries({"мüл/"}), ElementsAre("plain", "мüл||/in/мüл"));
}

TEST(Layout, CanvasFilesOfOneStudentBelongTogether) {
  EXPECT_THAT(
      entries({"smithada_11_901_one.c", "smithada_11_902_two-1.c", "ngbo_LATE_12_903_all.tar.gz"}),
      ElementsAre("canvas", "11|smithada|/in/smithada_11_901_one.c as one.c|/in/smithada_11_902_two-1.c as two.c",
                  "12|ngbo|late|/in/ngbo_LATE_12_903_all.tar.gz as all.tar.gz"));
}

TEST(Layout, GithubClones) {
  EXPECT_THAT(entries({"ring-buffer-ada/.git", "ring-buffer-bo-ng/.git"}),
              ElementsAre("github", "ada||/in/ring-buffer-ada", "bo-ng||/in/ring-buffer-bo-ng"));
  // Without clones such names are ids like others.
  EXPECT_THAT(entries({"hw-ada/", "hw-bo/"}), ElementsAre("plain", "hw-ada||/in/hw-ada", "hw-bo||/in/hw-bo"));
}

TEST(Layout, IsWhatIsAskedFor) {
  EXPECT_THAT(entries({"smithada_11_901_one.c"}, Layout::plain),
              ElementsAre("plain", "smithada_11_901_one||/in/smithada_11_901_one.c"));
  EXPECT_THAT(entries({"anna/"}, Layout::moodle), ElementsAre("error: there is no submission in /in"));
  EXPECT_THAT(entries({}), ElementsAre("error: there is no submission in /in"));
}

}  // namespace
}  // namespace labctl
