// Where the texts that explain kernel reports are looked for.
#include <gmock/gmock.h>

#include "context.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ExplanationPlaces : public testing::Test {
 protected:
  ExplanationPlaces() {
    data_.explanations = home_.path() / "own/explanations";
    fs::create_directories(data_.explanations);
    fs::create_directories(home_.path() / "course/labs/counter");
    lab_.file = home_.path() / "course/labs/counter/lab.yaml";
  }
  test::TemporaryFolder home_;
  DataPaths data_;
  Lab lab_;
};

TEST_F(ExplanationPlaces, AreOursWhereTheCourseHasNone) {
  EXPECT_THAT(explanation_folders(lab_, data_), ElementsAre(data_.explanations));
}

TEST_F(ExplanationPlaces, AreOursThenTheCoursesThenTheLabs) {
  fs::create_directories(home_.path() / "course/explanations");
  fs::create_directories(home_.path() / "course/labs/counter/explanations");
  EXPECT_THAT(explanation_folders(lab_, data_), ElementsAre(data_.explanations, home_.path() / "course/explanations",
                                                            home_.path() / "course/labs/counter/explanations"));
}

// Of labctl's own labs the course's folder is labctl's: it is not read, nor complained of, twice.
TEST_F(ExplanationPlaces, AreOneWhereTheCourseIsOurs) {
  data_.explanations = home_.path() / "course/labs/../explanations";
  fs::create_directories(home_.path() / "course/explanations");
  EXPECT_THAT(explanation_folders(lab_, data_), ElementsAre(data_.explanations));
}

}  // namespace
}  // namespace labctl
