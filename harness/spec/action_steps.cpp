// The steps that do something: load, unload, read, write, run.
#include <fmt/format.h>

#include <algorithm>

#include "command_line.hpp"
#include "step_expectation.hpp"
#include "steps.hpp"
#include "support/text.hpp"
#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view word_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

std::optional<std::string> module_name(Context& context, const YamlNode& node, std::string_view what) {
  auto name = line_value(context, node, what);
  if (!name || !context.modules_known) return name;
  if (std::find(context.modules.begin(), context.modules.end(), *name) != context.modules.end()) return name;
  context.faults.add(node.position, "unknown module " + shown(*name),
                     context.faults.names_hint(*name, context.modules));
  return std::nullopt;
}

// One value of a parameter, as the kernel gets it. It splits at blanks outside double quotes (kernel/params.c), and
// labctl adds the quotes, so the value has none of its own.
std::optional<std::string> parameter_text(Context& context, const YamlNode& node, const std::string& name) {
  auto text = text_value(context, node, name);
  if (!text) return std::nullopt;
  const bool control =
      std::any_of(text->begin(), text->end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
  if (!control && text->find('"') == std::string::npos) return text;
  context.faults.add(node.position, fmt::format("the kernel cannot take {} as a parameter", shown(*text)),
                     "a value has no double quotes, newlines or other control characters");
  return std::nullopt;
}

std::optional<std::string> parameter_value(Context& context, const YamlEntry& entry) {
  if (entry.value.kind != Kind::list) return parameter_text(context, entry.value, entry.key);
  if (!check_list(context, entry.value, entry.key)) return std::nullopt;
  std::vector<std::string> values;
  for (const YamlNode& item : entry.value.items) {
    auto value = parameter_text(context, item, entry.key);
    if (!value) continue;
    if (value->find(',') != std::string::npos) {
      context.faults.add(item.position, fmt::format("a comma in {}, one value of a list", shown(*value)),
                         "commas separate the values of an array: make it two");
    }
    values.push_back(std::move(*value));
  }
  return join(values, ",");
}

std::vector<std::pair<std::string, std::string>> parameters(Context& context, const YamlNode& step) {
  std::vector<std::pair<std::string, std::string>> params;
  const YamlNode* node = step.find("params");
  if (node == nullptr) return params;
  if (node->kind != Kind::map || node->entries.empty()) {
    if (node->kind != Kind::refused) {
      context.faults.add(node->position, "\"params\" must be a map with something in it, not " + describe(*node),
                         "as in params: {freq: 9}");
    }
    return params;
  }
  for (const YamlEntry& entry : node->entries) {
    if (entry.key.empty() || entry.key.size() > 64 ||
        entry.key.find_first_not_of(word_characters) != std::string::npos) {
      context.faults.add(entry.position, shown(entry.key) + " is no name of a parameter", "letters, digits, _ - and .");
      continue;
    }
    if (auto value = parameter_value(context, entry)) params.emplace_back(entry.key, std::move(*value));
  }
  return params;
}

std::vector<std::string> argument_vector(Context& context, const YamlNode& node) {
  std::vector<std::string> arguments;
  if (node.kind == Kind::scalar) {
    auto command = split_command(node.text);
    if (!command.fault.empty()) {
      context.faults.add(node.position, command.fault, command.hint);
      return {};
    }
    arguments = std::move(command.words);
    if (arguments.empty()) context.faults.add(node.position, "\"run\" is an empty command");
  } else if (node.kind == Kind::list && !node.items.empty()) {
    for (const YamlNode& item : node.items) {
      if (auto text = text_value(context, item, "run")) arguments.push_back(std::move(*text));
    }
    if (arguments.size() != node.items.size()) return {};
  } else if (node.kind != Kind::refused) {
    context.faults.add(node.position,
                       "\"run\" must be a command or a list of its words, not " +
                           (node.kind == Kind::list ? "an empty list" : describe(node)),
                       "as in run: cat /proc/modules");
  }
  const auto with_nul = std::find_if(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument.find('\0') != std::string::npos;
  });
  if (with_nul != arguments.end()) {
    context.faults.add(node.position, "a NUL byte in an argument", "no program can be given one");
    return {};
  }
  if (!arguments.empty() && arguments[0].empty()) {
    context.faults.add(node.position, "the program's name is empty");
    return {};
  }
  return arguments;
}

}  // namespace

std::optional<Action> parse_load(Context& context, const YamlNode& action, const YamlNode& step) {
  LoadStep load;
  load.params = parameters(context, step);
  if (const auto* expect = expect_map(context, step, "expect_errno"))
    load.expect_errno = expected_errno(context, *expect);
  auto name = module_name(context, action, "load");
  if (!name) return std::nullopt;
  load.module = std::move(*name);
  return load;
}

std::optional<Action> parse_unload(Context& context, const YamlNode& action, const YamlNode& step) {
  UnloadStep unload;
  if (const auto* expect = expect_map(context, step, "expect_errno"))
    unload.expect_errno = expected_errno(context, *expect);
  auto name = module_name(context, action, "unload");
  if (!name) return std::nullopt;
  unload.module = std::move(*name);
  return unload;
}

std::optional<Action> parse_build(Context& context, const YamlNode& action, const YamlNode& step) {
  BuildStep build;
  if (const auto* expect = expect_map(context, step, "expect_build")) {
    const auto most = [&](const char* key, std::optional<int>& count) {
      if (const auto* node = expect->find(key))
        if (const auto value = integer_value(context, *node, key, 0, 1000)) count = static_cast<int>(*value);
    };
    most("warnings", build.max_warnings);
    most("sparse", build.max_sparse);
    most("checkpatch", build.max_checkpatch);
    if (const auto* node = expect->find("error")) {
      const auto patterns = search_patterns(context, *node, "error");
      if (patterns.size() == 1) build.error = patterns.front();
      if (patterns.size() > 1) context.faults.add(node->position, "\"error\" is one expression", "join them with |");
      if (expect->entries.size() > 1)
        context.faults.add(node->position, "what does not build has nothing else to look at", "\"error\" stands alone");
    }
    if (const auto* node = expect->find("uses")) build.uses = search_texts(context, *node, "uses");
    if (const auto* node = expect->find("avoids")) build.avoids = search_texts(context, *node, "avoids");
    if (const auto* node = expect->find("licence")) build.licence = line_value(context, *node, "licence").value_or("");
  }
  auto name = module_name(context, action, "build");
  if (!name) return std::nullopt;
  build.module = std::move(*name);
  return build;
}

std::optional<Action> parse_read(Context& context, const YamlNode& action, const YamlNode& step) {
  ReadStep read;
  read.expect = text_or_errno(context, step, read.expect_errno);
  if (const auto* bytes = step.find("bytes")) read.bytes = number_value(context, *bytes, "bytes", 1, 1 << 20);
  if (const auto* at = step.find("at")) read.at = number_value(context, *at, "at", 0, INT64_MAX);
  auto file = guest_file(context, action, "read");
  if (!file) return std::nullopt;
  read.file = std::move(*file);
  return read;
}

std::optional<Action> parse_write(Context& context, const YamlNode& action, const YamlNode& step) {
  WriteStep write;
  const YamlNode* text = step.find("text");
  const YamlNode* hex = step.find("hex");
  if ((text == nullptr) == (hex == nullptr)) {
    context.faults.add(action.position, "a write step needs \"text\" or \"hex\": what to write", "text: \"1\\n\"");
  } else if (text != nullptr) {
    write.data = text_value(context, *text, "text").value_or("");
  } else {
    write.data = hex_value(context, *hex, "hex").value_or("");
  }
  if (const auto* at = step.find("at")) write.at = number_value(context, *at, "at", 0, INT64_MAX);
  if (const auto* expect = expect_map(context, step, "expect_write")) {
    write.expect_errno = expected_errno(context, *expect);
    check_errno_alone(context, *expect, {"bytes"});
    if (const auto* bytes = expect->find("bytes")) {
      write.expect_bytes = number_value(context, *bytes, "bytes", 0, 1 << 30);
      const auto count = whole_number(write.expect_bytes.value_or(""));
      if (count && text != nullptr && text->kind == Kind::scalar && !has_values(write.data) &&
          *count > static_cast<std::int64_t>(write.data.size())) {
        context.faults.add(bytes->position,
                           fmt::format("\"bytes\" {} is more than the {} of \"text\"", *count, write.data.size()),
                           "write() takes at most what it is given");
      }
    }
  }
  auto file = guest_file(context, action, "write");
  if (!file) return std::nullopt;
  write.file = std::move(*file);
  return write;
}

std::optional<Action> parse_run(Context& context, const YamlNode& action, const YamlNode& step) {
  RunStep run;
  run.argv = argument_vector(context, action);
  parse_program_setting(context, step, run);
  if (const auto* expect = expect_map(context, step, "expect_run")) {
    if (const auto* node = expect->find("exit")) {
      run.expect_exit = static_cast<int>(integer_value(context, *node, "exit", 0, 255).value_or(0));
    }
    if (const auto* entry = expect->find_entry("signal")) {
      run.expect_signal = ending_signal_value(context, entry->value);
      if (expect->find("exit") != nullptr) {
        context.faults.add(entry->position, "\"signal\" contradicts \"exit\"",
                           "a program that a signal ends has no exit status: keep one of the two");
      }
    }
    if (const auto* node = expect->find("stdout")) run.expect_stdout = text_expectation(context, *node, "stdout");
    if (const auto* entry = expect->find_entry("stderr")) {
      run.expect_stderr = text_expectation(context, entry->value, "stderr");
      if (run.tty)
        context.faults.add(entry->position, "a terminal shows \"stderr\" and stdout as one",
                           "look for it in stdout, or drop \"tty\"");
    }
  }
  if (run.argv.empty()) return std::nullopt;
  return run;
}

}  // namespace labctl::spec
