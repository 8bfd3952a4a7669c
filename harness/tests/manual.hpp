// The examples of docs/lab-language.md, each made a whole lab.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace labctl::manual {

struct Example {
  std::string lab;   // its id
  std::string spec;  // a whole lab.yaml
  int line = 0;      // of the manual, where it begins
};

inline bool has_line(const std::string& text, const std::string& beginning) {
  return text.starts_with(beginning) || text.find("\n" + beginning) != std::string::npos;
}

inline std::string indented(const std::string& text, const std::string& by) {
  std::istringstream lines(text);
  std::string result, line;
  while (std::getline(lines, line))
    result += line.empty() ? "\n" : by + line + "\n";
  return result;
}

// An example is a lab, keys of a lab, tests or steps. What it says of itself stays; what it needs besides is added:
// the modules counter and helper, of which counter is loaded first where the steps do not say it.
inline Example whole_lab(const std::string& text, int line) {
  if (text.starts_with("lab:")) return {"counter", text, line};
  Example example{"line-" + std::to_string(line), "", line};
  example.spec = "lab: " + example.lab + "\n";
  if (text.starts_with("- name:")) {
    example.spec += "tests:\n" + indented(text, "  ");
  } else if (text.starts_with("- ")) {
    const std::string load = has_line(text, "- load: counter") ? "" : "      - load: counter\n";
    example.spec += "tests:\n  - name: the example\n    steps:\n" + load + indented(text, "      ");
  } else {
    example.spec += text;
  }
  if (!has_line(example.spec, "modules:")) example.spec += "modules: [{name: counter}, {name: helper}]\n";
  if (!has_line(example.spec, "tests:")) example.spec += "tests: [{name: loads, steps: [{load: counter}]}]\n";
  return example;
}

inline std::vector<Example> examples() {
  std::ifstream page(std::string(LABCTL_SOURCE) + "/docs/lab-language.md");
  std::vector<Example> all;
  std::string line, text;
  bool inside = false;
  int number = 0, begin = 0;
  while (std::getline(page, line)) {
    ++number;
    if (!inside && line == "```yaml") {
      inside = true;
      begin = number + 1;
      text.clear();
    } else if (inside && line == "```") {
      inside = false;
      all.push_back(whole_lab(text, begin));
    } else if (inside) {
      text += line + "\n";
    }
  }
  return all;
}

}  // namespace labctl::manual
