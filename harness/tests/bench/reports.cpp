// Prints a number for each round, in milliseconds: reading the reports of a console log of 10 MB, which the golden logs
// in FOLDER make up, again and again.
//   bench_reports FOLDER ROUNDS
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "diagnose/diagnose.hpp"

namespace {

std::string logs_of(const std::filesystem::path& folder, std::size_t bytes) {
  std::string once, all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    if (entry.path().extension() == ".log") once.append(std::istreambuf_iterator<char>(stream), {});
  }
  while (!once.empty() && all.size() < bytes)
    all += once;
  all.resize(std::min(all.size(), bytes));
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: bench_reports FOLDER ROUNDS\n");
    return 2;
  }
  const std::string console = logs_of(argv[1], 10'000'000);
  for (int round = 0; round < std::atoi(argv[2]); ++round) {
    const auto began = std::chrono::steady_clock::now();
    auto log = labctl::records_from_console(console);
    for (auto& record : log)
      record.level = 4;
    const auto reports = labctl::find_reports(log, 0, log.size());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    if (reports.size() < 100) {
      fmt::print(stderr, "{} reports in {} bytes: is {} the folder of the golden logs?\n", reports.size(),
                 console.size(), argv[1]);
      return 1;
    }
    fmt::print("{:.1f}\n", took.count());
  }
}
