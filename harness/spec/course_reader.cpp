#include "spec/course_reader.hpp"

#include <algorithm>
#include <system_error>

#include "small_file.hpp"
#include "support/files.hpp"
#include "values.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

using namespace spec;

constexpr std::uint64_t most_bytes = 1 << 16;

Course course_of(Context& context, const YamlNode& root) {
  Course course;
  if (!check_map(context, root, "the course", "course")) return course;
  if (const auto* title = root.find("title")) course.title = line_value(context, *title, "title").value_or("");
  const auto* topics = required(context, root, "topics", "a course", "topics: [{name: Interfaces}]");
  if (topics == nullptr || !check_list(context, *topics, "topics")) return course;
  for (const auto& item : topics->items) {
    if (!check_map(context, item, "a topic", "topic")) continue;
    Topic topic;
    const auto* name = required(context, item, "name", "a topic", "- name: Interfaces");
    if (name != nullptr) topic.name = line_value(context, *name, "name").value_or("");
    if (const auto* about = item.find("about")) topic.about = line_value(context, *about, "about").value_or("");
    const bool again = std::any_of(course.topics.begin(), course.topics.end(),
                                   [&topic](const Topic& other) { return other.name == topic.name; });
    if (again && !topic.name.empty()) context.faults.add(name->position, "a second topic " + shown(topic.name));
    course.topics.push_back(std::move(topic));
  }
  return course;
}

}  // namespace

Result<Course> parse_course(const fs::path& file, const std::string& text) {
  Course course;
  const auto read = [&course](Context& context, const YamlNode& root) { course = course_of(context, root); };
  if (auto good = read_small_file(file, text, "docs/labs.md", read); !good) return fail(good.error());
  return course;
}

Result<Course> read_course(const fs::path& labs) {
  const fs::path file = labs / "course.yaml";
  std::error_code error;
  if (!fs::exists(file, error)) return Course{};
  auto text = read_file(file, most_bytes);
  if (!text) return fail(text.error());
  return parse_course(file, *text);
}

}  // namespace labctl
