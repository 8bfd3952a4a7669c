// What kernel reports mean, from files that an instructor can edit or translate.
#pragma once

#include <filesystem>
#include <vector>

#include "diagnose/explanation.hpp"
#include "model/result.hpp"
#include "support/progress.hpp"

namespace labctl {

// KIND.txt of each folder, in UTF-8; of two for one kind that of the later folder. A file that is no explanation, or
// of no kind, is told as a note, and the text of an earlier folder stays. Files of other names are not read.
Explanations read_explanations(const std::vector<std::filesystem::path>& folders, Progress& progress);

// Gives each report of these tests, and of what a debug kernel made of them, its explanation; of a kind that has none
// it stays empty.
void explain(std::vector<TestResult>& tests, const Explanations& explanations);

}  // namespace labctl
