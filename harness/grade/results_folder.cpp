#include "grade/results_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

constexpr const char* lock_file = ".lock";
constexpr const char* grading_file = "grading.json";

std::string written(const json& value) {
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

json tests_json(const std::vector<GradedTest>& tests) {
  json list = json::array();
  for (const auto& test : tests)
    list.push_back({{"name", test.name},
                    {"status", status_name(test.status)},
                    {"points", test.points},
                    {"earned", test.earned},
                    {"hidden", test.hidden},
                    {"hint", test.hint},
                    {"message", test.message},
                    {"diagnosis", test.diagnosis},
                    {"details", test.details},
                    {"key", test.key}});
  return list;
}

std::vector<GradedTest> read_tests(const json& list) {
  std::vector<GradedTest> tests;
  for (const auto& item : list) {
    GradedTest test;
    item.at("name").get_to(test.name);
    test.status = status_named(item.at("status").get<std::string>()).value();
    item.at("points").get_to(test.points);
    item.at("earned").get_to(test.earned);
    item.at("hidden").get_to(test.hidden);
    item.at("hint").get_to(test.hint);
    item.at("message").get_to(test.message);
    item.at("diagnosis").get_to(test.diagnosis);
    item.at("details").get_to(test.details);
    item.at("key").get_to(test.key);
    tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace

std::string file_name_of(const std::string& id) {
  static constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-";
  constexpr std::size_t longest = 100;
  const bool as_it_is = !id.empty() && id.size() <= longest && id.find_first_not_of(plain) == std::string::npos &&
                        id.front() != '.' && id.front() != '-';
  // A file system may not tell capitals from small letters.
  const bool small = std::none_of(id.begin(), id.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (as_it_is && small) return id;
  // No plain id has a '+', so none is such a name.
  return fmt::format("{}+{}", folder_name(id, 40), sha256_hex(id).substr(0, 12));
}

std::string student_json(const GradedStudent& student) {
  return written({{"id", student.id},
                  {"name", student.name},
                  {"state", state_name(student.state)},
                  {"message", student.message},
                  {"refusals", student.refusals},
                  {"notes", student.notes},
                  {"files", student.files},
                  {"submission", student.submission},
                  {"compiler", student.compiler},
                  {"late", student.late},
                  {"key", student.key},
                  {"tests", tests_json(student.tests)}});
}

std::optional<GradedStudent> read_student(const std::string& text) {
  try {
    const json read = json::parse(text);
    GradedStudent student;
    read.at("id").get_to(student.id);
    read.at("name").get_to(student.name);
    student.state = state_named(read.at("state").get<std::string>()).value();
    read.at("message").get_to(student.message);
    read.at("refusals").get_to(student.refusals);
    read.at("notes").get_to(student.notes);
    read.at("files").get_to(student.files);
    read.at("submission").get_to(student.submission);
    read.at("compiler").get_to(student.compiler);
    read.at("late").get_to(student.late);
    read.at("key").get_to(student.key);
    student.tests = read_tests(read.at("tests"));
    return student;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string grading_json(const Grading& grading) {
  json kernels = json::array();
  for (const auto& kernel : grading.kernels)
    kernels.push_back(
        {{"name", kernel.name}, {"release", kernel.release}, {"flavour", kernel.flavour}, {"key", kernel.key}});
  return written({{"labctl", grading.tool_version},
                  {"tool", grading.tool},
                  {"lab", grading.lab},
                  {"title", grading.title},
                  {"spec", grading.spec},
                  {"seed", grading.seed},
                  {"flavour", grading.flavour},
                  {"kernels", kernels},
                  {"tests", tests_json(grading.tests)}});
}

std::optional<Grading> read_grading(const std::string& text) {
  try {
    const json read = json::parse(text);
    Grading grading;
    read.at("labctl").get_to(grading.tool_version);
    read.at("tool").get_to(grading.tool);
    read.at("lab").get_to(grading.lab);
    read.at("title").get_to(grading.title);
    read.at("spec").get_to(grading.spec);
    read.at("seed").get_to(grading.seed);
    read.at("flavour").get_to(grading.flavour);
    for (const auto& item : read.at("kernels"))
      grading.kernels.push_back({item.at("name").get<std::string>(), item.at("release").get<std::string>(),
                                 item.at("flavour").get<std::string>(), item.at("key").get<std::string>()});
    grading.tests = read_tests(read.at("tests"));
    return grading;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Result<ResultsFolder> ResultsFolder::locked(const fs::path& folder) {
  auto lock = FileLock::try_acquire(folder / lock_file);
  if (!lock)
    return fail(Fault::usage, fmt::format("{} is in use by another labctl, or cannot be written", folder.string()),
                lock.error().message);
  return ResultsFolder(folder, std::move(*lock));
}

Result<ResultsFolder> ResultsFolder::create(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / grading_file, error))
    return fail(Fault::usage, fmt::format("{} holds a grading already", folder.string()),
                "--resume goes on with it; or give another --out");
  // What is there of one that was ended before it knew what it graded with is as good as nothing.
  const auto of_a_beginning = [](const fs::path& item) {
    std::error_code none;
    const fs::path name = item.filename();
    return name == lock_file || name == "reference" || (name == "students" && fs::is_empty(item, none));
  };
  for (const auto& item : fs::directory_iterator(folder, error))
    if (!of_a_beginning(item.path()))
      return fail(Fault::usage, fmt::format("{} is not empty", folder.string()), "give a new folder");
  fs::create_directories(folder / "students", error);
  if (error) return fail(system_error("cannot create", folder, error.value()).value());
  return locked(folder);
}

Result<ResultsFolder> ResultsFolder::open(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / grading_file, error))
    return fail(Fault::usage, fmt::format("{} holds no grading", folder.string()), "leave out --resume to begin one");
  fs::create_directories(folder / "students", error);
  return locked(folder);
}

Status ResultsFolder::keep(const Grading& grading) const {
  return write_file(path_ / grading_file, grading_json(grading));
}

Result<Grading> ResultsFolder::grading() const {
  auto text = read_file(path_ / grading_file);
  if (!text) return fail(text.error());
  auto grading = read_grading(*text);
  if (!grading)
    return fail(Fault::usage, fmt::format("{} is damaged", (path_ / grading_file).string()),
                "grade again, into another folder");
  return std::move(*grading);
}

Status ResultsFolder::keep(const GradedStudent& student) const {
  return write_file(file_of(student.id), student_json(student));
}

std::optional<GradedStudent> ResultsFolder::find(const std::string& id) const {
  const auto text = read_file(file_of(id));
  if (!text) return std::nullopt;
  auto student = read_student(*text);
  return student && student->id == id ? student : std::nullopt;
}

std::optional<GradedStudent> ResultsFolder::find(const std::string& id, const std::string& key) const {
  auto student = find(id);
  return student && student->key == key ? student : std::nullopt;
}

Result<std::vector<GradedStudent>> ResultsFolder::students() const {
  std::vector<GradedStudent> students;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(path_ / "students", error)) {
    if (item.path().extension() != ".json") continue;
    auto text = read_file(item.path());
    if (!text) return fail(text.error());
    auto student = read_student(*text);
    if (!student)
      return fail(Fault::usage, fmt::format("{} is not a result of labctl grade", item.path().string()),
                  "remove it and go on with --resume");
    students.push_back(std::move(*student));
  }
  if (error) return fail(system_error("cannot read", path_ / "students", error.value()).value());
  std::sort(students.begin(), students.end(),
            [](const GradedStudent& a, const GradedStudent& b) { return a.id < b.id; });
  return students;
}

}  // namespace labctl
