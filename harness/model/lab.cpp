#include "model/lab.hpp"

#include <fmt/format.h>

#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_word = 120;  // of a path, argument or text in a summary

// A word as a person would write it: bare where nothing in it could be misread, quoted otherwise.
std::string word(const std::string& text) {
  const bool plain =
      !text.empty() && text.size() <= max_word &&
      text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,=@%^~*?[]{}()<>|&;!#$") ==
          std::string::npos;
  return plain ? text : quoted(text, max_word);
}

struct Kind {
  std::string operator()(const LoadStep&) const { return "load"; }
  std::string operator()(const UnloadStep&) const { return "unload"; }
  std::string operator()(const ReadStep&) const { return "read"; }
  std::string operator()(const WriteStep&) const { return "write"; }
  std::string operator()(const RunStep&) const { return "run"; }
  std::string operator()(const DmesgStep&) const { return "dmesg"; }
};

struct Summary {
  std::string operator()(const LoadStep& step) const {
    std::string text = "load " + word(step.module);
    for (const auto& [name, value] : step.params) {
      text += " " + word(name) + "=" + word(value);
    }
    return text;
  }

  std::string operator()(const UnloadStep& step) const { return "unload " + word(step.module); }

  std::string operator()(const ReadStep& step) const { return "read " + word(step.path); }

  std::string operator()(const WriteStep& step) const {
    return fmt::format("write {} to {}", quoted(step.data, 60), word(step.path));
  }

  std::string operator()(const RunStep& step) const {
    std::string text = "run";
    for (const std::string& argument : step.argv) {
      text += " " + word(argument);
    }
    return text;
  }

  std::string operator()(const DmesgStep& step) const {
    std::vector<std::string> parts;
    const auto add = [&parts](const char* verb, const std::vector<std::string>& texts) {
      for (const std::string& text : texts) {
        parts.push_back(fmt::format("{} {}", verb, quoted(text, 60)));
      }
    };
    add("has", step.has);
    add("lacks", step.lacks);
    add("matches", step.matches);
    if (!step.sequence.empty()) {
      std::vector<std::string> texts;
      for (const std::string& text : step.sequence) {
        texts.push_back(quoted(text, 60));
      }
      parts.push_back("has in order " + join(texts, ", "));
    }
    if (step.count) {
      parts.push_back(fmt::format("has {} {}", quoted(step.count_text, 60),
                                  *step.count == 1 ? "once" : fmt::format("{} times", *step.count)));
    }
    return parts.empty() ? "dmesg" : "dmesg " + join(parts, ", ");
  }
};

}  // namespace

std::string step_kind(const Step& step) {
  return std::visit(Kind{}, step.action);
}

std::string step_summary(const Step& step) {
  return std::visit(Summary{}, step.action);
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::emerg: return "emerg";
    case LogLevel::alert: return "alert";
    case LogLevel::crit: return "crit";
    case LogLevel::err: return "err";
    case LogLevel::warning: return "warning";
    case LogLevel::notice: return "notice";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "unknown";
}

}  // namespace labctl
