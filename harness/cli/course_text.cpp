#include "course_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "support/text.hpp"

namespace labctl {

namespace {

constexpr int schema_version = 1;

using LabsByName = std::map<std::string, const Lab*>;

LabsByName by_name(const std::vector<Lab>& labs) {
  LabsByName names;
  for (const auto& lab : labs)
    names[lab.id] = &lab;
  return names;
}

// How many labs follow each other up to this one. A circle, which is a fault of its own, ends where it closes.
int depth_of(const Lab& lab, const LabsByName& labs, std::set<std::string> seen = {}) {
  if (!seen.insert(lab.id).second) return 0;
  int depth = 0;
  for (const auto& name : lab.prerequisites)
    if (const auto found = labs.find(name); found != labs.end())
      depth = std::max(depth, 1 + depth_of(*found->second, labs, seen));
  return depth;
}

// Whether the lab needs `name`, or one that needs it.
bool needs(const Lab& lab, const std::string& name, const LabsByName& labs, std::set<std::string>& seen) {
  if (!seen.insert(lab.id).second) return false;
  return std::any_of(lab.prerequisites.begin(), lab.prerequisites.end(), [&](const std::string& one) {
    const auto found = labs.find(one);
    return one == name || (found != labs.end() && needs(*found->second, name, labs, seen));
  });
}

std::string time_text(int minutes) {
  return minutes == 0 ? "" : fmt::format("{} min", minutes);
}

int points_of(const Lab& lab) {
  int points = 0;
  for (const auto& test : lab.tests)
    points += test.points.value_or(0);
  return points;
}

// "48 labs, about 41 hours".
std::string sum_text(const std::vector<Lab>& labs) {
  int minutes = 0;
  for (const auto& lab : labs)
    minutes += lab.minutes;
  std::string text = fmt::format("{} lab{}", labs.size(), labs.size() == 1 ? "" : "s");
  if (minutes >= 90)
    text += fmt::format(", about {} hours", (minutes + 30) / 60);
  else if (minutes > 0)
    text += fmt::format(", about {} minutes", minutes);
  return text;
}

std::string section_name(const CourseSection& section) {
  return section.topic.name.empty() ? "Others" : section.topic.name;
}

}  // namespace

std::string topic_of(const Lab& lab) {
  const auto slash = lab.topic.find('/');
  std::string topic = lab.topic.substr(0, slash);
  while (topic.ends_with(' '))
    topic.pop_back();
  return topic;
}

std::vector<CourseSection> course_sections(const Course& course, const std::vector<Lab>& labs) {
  const LabsByName names = by_name(labs);
  std::vector<CourseSection> sections;
  for (const auto& topic : course.topics)
    sections.push_back({topic, {}});
  std::map<std::string, CourseSection> others;
  for (const auto& lab : labs) {
    const std::string topic = topic_of(lab);
    const auto section = std::find_if(sections.begin(), sections.end(),
                                      [&](const CourseSection& one) { return one.topic.name == topic; });
    CourseSection& its = section != sections.end() ? *section : others[topic];
    its.labs.push_back(&lab);
  }
  for (auto& [topic, section] : others) {
    section.topic.name = topic;
    if (!topic.empty()) sections.push_back(section);
  }
  if (const auto none = others.find(""); none != others.end()) sections.push_back(none->second);
  std::erase_if(sections, [](const CourseSection& section) { return section.labs.empty(); });
  for (auto& section : sections)
    std::sort(section.labs.begin(), section.labs.end(), [&names](const Lab* a, const Lab* b) {
      const int first = depth_of(*a, names), second = depth_of(*b, names);
      return first != second ? first < second : a->id < b->id;
    });
  return sections;
}

std::vector<std::string> course_faults(const std::vector<Lab>& labs) {
  const LabsByName names = by_name(labs);
  std::vector<std::string> known;
  for (const auto& lab : labs)
    known.push_back(lab.id);
  std::vector<std::string> faults;
  for (const auto& lab : labs) {
    for (const auto& name : lab.prerequisites)
      if (!names.contains(name))
        faults.push_back(fmt::format("lab {} has the prerequisite {}, which is no lab here: {}", lab.id, name,
                                     suggestion(name, known)));
    std::set<std::string> seen;
    if (needs(lab, lab.id, names, seen))
      faults.push_back(fmt::format("lab {} needs itself by its prerequisites", lab.id));
  }
  return faults;
}

std::string course_text(const Course& course, const std::vector<Lab>& labs) {
  std::size_t width = 0;
  std::size_t title_width = 0;
  for (const auto& lab : labs) {
    width = std::max(width, lab.id.size());
    title_width = std::max(title_width, printable(lab.title).size());
  }
  std::string text = course.title.empty() ? "" : printable(course.title) + "\n\n";
  for (const auto& section : course_sections(course, labs)) {
    text += printable(section_name(section));
    if (!section.topic.about.empty()) text += ": " + printable(section.topic.about);
    text += '\n';
    for (const Lab* lab : section.labs) {
      std::string line = fmt::format("  {:<{}}  {:>7}  {:<{}}", lab->id, width, time_text(lab->minutes),
                                     printable(lab->title), title_width);
      if (!lab->prerequisites.empty()) line += "  after " + join(lab->prerequisites, ", ");
      while (line.ends_with(' '))
        line.pop_back();
      text += line + '\n';
    }
    text += '\n';
  }
  return text + sum_text(labs) + "\n";
}

std::string course_markdown(const Course& course, const std::vector<Lab>& labs) {
  std::string text = sum_text(labs) + ".\n";
  for (const auto& section : course_sections(course, labs)) {
    text += fmt::format("\n### {}\n\n", printable(section_name(section)));
    if (!section.topic.about.empty()) text += printable(section.topic.about) + "\n\n";
    text += "| lab | about | time | after |\n|---|---|---|---|\n";
    for (const Lab* lab : section.labs) {
      std::vector<std::string> before;
      for (const auto& name : lab->prerequisites)
        before.push_back(fmt::format("[{0}]({0}/README.md)", name));
      text += fmt::format("| [{0}]({0}/README.md) | {1} | {2} | {3} |\n", lab->id, printable(lab->title),
                          time_text(lab->minutes), join(before, ", "));
    }
  }
  return text;
}

std::string course_json(const Course& course, const std::vector<Lab>& labs) {
  using Json = nlohmann::ordered_json;
  Json topics = Json::array();
  for (const auto& section : course_sections(course, labs)) {
    Json listed = Json::array();
    for (const Lab* lab : section.labs)
      listed.push_back({{"lab", lab->id},
                        {"title", lab->title},
                        {"topic", lab->topic},
                        {"minutes", lab->minutes},
                        {"prerequisites", lab->prerequisites},
                        {"tests", lab->tests.size()},
                        {"points", points_of(*lab)},
                        {"spec", lab->file.string()}});
    topics.push_back({{"topic", section.topic.name}, {"about", section.topic.about}, {"labs", listed}});
  }
  const Json json = {{"schema_version", schema_version}, {"title", course.title}, {"topics", topics}};
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace labctl
