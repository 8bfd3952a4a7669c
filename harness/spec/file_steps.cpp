// The steps on files: stat, list, open, close, seek, poll, ioctl.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "step_expectation.hpp"
#include "steps.hpp"
#include "support/text.hpp"
#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::int64_t any_least = INT64_MIN, any_most = INT64_MAX;

const std::vector<std::string> stat_fields = {"type", "mode", "owner", "major", "minor", "size", "links"};
const std::vector<std::string> file_types = {"file", "directory", "char", "block", "fifo", "socket", "link"};

const std::vector<std::pair<std::string, int>> open_modes = {{"read", O_RDONLY}, {"write", O_WRONLY}, {"both", O_RDWR}};
const std::vector<std::pair<std::string, int>> open_flags = {
    {"append", O_APPEND},     {"create", O_CREAT}, {"direct", O_DIRECT}, {"exclusive", O_EXCL},
    {"nonblock", O_NONBLOCK}, {"sync", O_SYNC},    {"truncate", O_TRUNC}};
const std::vector<std::pair<std::string, int>> poll_events = {
    {"in", POLLIN}, {"out", POLLOUT}, {"pri", POLLPRI}, {"err", POLLERR}, {"hup", POLLHUP}};

std::optional<int> named(Context& context, const YamlNode& node, std::string_view what,
                         const std::vector<std::pair<std::string, int>>& names) {
  std::vector<std::string> words;
  for (const auto& [name, number] : names)
    words.push_back(name);
  const auto choice = choice_value(context, node, what, words);
  return choice ? std::optional(names[*choice].second) : std::nullopt;
}

// One word, or a list of them, as the bits that they stand for.
int bits(Context& context, const YamlNode& node, std::string_view what,
         const std::vector<std::pair<std::string, int>>& names) {
  int value = 0;
  for (const auto* item : one_or_more(context, node, what))
    value |= named(context, *item, what, names).value_or(0);
  return value;
}

// "0644", "4755".
bool is_mode(const std::string& text) {
  return text.size() >= 3 && text.size() <= 4 && text.find_first_not_of("01234567") == std::string::npos;
}

std::optional<std::string> stat_value(Context& context, const YamlEntry& entry) {
  if (entry.key == "type") {
    const auto choice = choice_value(context, entry.value, "type", file_types);
    return choice ? std::optional(file_types[*choice]) : std::nullopt;
  }
  auto text = text_value(context, entry.value, entry.key);
  if (!text || has_values(*text)) return text;
  if (entry.key == "mode") {
    if (is_mode(*text)) return text->size() == 3 ? "0" + *text : text;
    context.faults.add(entry.value.position, shown(*text) + " is no mode", "in octal, as in 0644");
    return std::nullopt;
  }
  if (entry.key == "owner") {
    const auto colon = text->find(':');
    const bool good =
        colon != std::string::npos && whole_number(text->substr(0, colon)) && whole_number(text->substr(colon + 1));
    if (good) return text;
    context.faults.add(entry.value.position, shown(*text) + " is no owner", "user and group by number: 0:0");
    return std::nullopt;
  }
  return number_value(context, entry.value, entry.key, 0, any_most);
}

// <asm-generic/ioctl.h>: number 8 bits, type 8, size 14, direction 2.
std::optional<Number> encoded_request(Context& context, const YamlNode& node, std::string& words) {
  if (!check_map(context, node, "request", "request")) return std::nullopt;
  static const std::vector<std::pair<std::string, int>> directions = {
      {"none", 0}, {"write", 1}, {"read", 2}, {"both", 3}};
  std::int64_t type = 0, number = 0, size = 0, direction = 0;
  if (const auto* value = node.find("type")) {
    const bool letter = value->kind == Kind::scalar && value->text.size() == 1;
    if (letter && (value->text[0] < '0' || value->text[0] > '9')) {
      type = static_cast<unsigned char>(value->text[0]);
    } else {
      type = fixed_number_value(context, *value, "type", 0, 255).value_or(0);
    }
  }
  if (const auto* value = node.find("number"))
    number = fixed_number_value(context, *value, "number", 0, 255).value_or(0);
  if (const auto* value = node.find("size")) size = integer_value(context, *value, "size", 0, 16383).value_or(0);
  if (const auto* value = node.find("direction"))
    direction = named(context, *value, "direction", directions).value_or(0);
  if (node.find("type") == nullptr || node.find("number") == nullptr)
    context.faults.add(node.position, "an ioctl request needs \"type\" and \"number\"",
                       "as in _IOR('k', 1, int): {type: k, number: 1, direction: read, size: 4}");
  if (direction != 0 && size == 0 && node.find("size") == nullptr)
    context.faults.add(node.position, "\"direction\" needs \"size\": of what is pointed to, in bytes", "size: 4");
  if (const auto* value = node.find("type")) words = fmt::format("type {} number {}", value->text, number);
  return std::to_string(direction << 30 | size << 16 | type << 8 | number);
}

void parse_argument(Context& context, const YamlNode& step, IoctlStep& ioctl) {
  using Argument = IoctlStep::Argument;
  int given = 0;
  if (const auto* node = step.find("argument")) {
    ++given;
    ioctl.argument = Argument::value;
    ioctl.value = number_value(context, *node, "argument", any_least, any_most).value_or("0");
  }
  if (const auto* node = step.find("integer")) {
    ++given;
    ioctl.argument = Argument::integer;
    ioctl.value = number_value(context, *node, "integer", any_least, any_most).value_or("0");
  }
  for (const char* key : {"text", "hex"}) {
    const auto* node = step.find(key);
    if (node == nullptr) continue;
    ++given;
    ioctl.argument = Argument::data;
    auto bytes = std::string_view(key) == "hex" ? hex_value(context, *node, key) : text_value(context, *node, key);
    ioctl.data = bytes.value_or("");
  }
  if (given > 1)
    context.faults.add(step.position, "an ioctl has one argument: argument, integer, text or hex", "keep one of them");
  if (const auto* node = step.find("size")) {
    ioctl.size = static_cast<int>(integer_value(context, *node, "size", 1, 8).value_or(4));
    if (ioctl.size != 1 && ioctl.size != 2 && ioctl.size != 4 && ioctl.size != 8)
      context.faults.add(node->position, "\"size\" is that of the integer: 1, 2, 4 or 8 bytes");
    if (ioctl.argument != Argument::integer)
      context.faults.add(node->position, "\"size\" belongs to \"integer\"", "there is none here");
  }
}

}  // namespace

std::optional<Action> parse_stat(Context& context, const YamlNode& action, const YamlNode& step) {
  StatStep stat;
  if (const auto* expect = step.find("expect"); expect != nullptr && expect->kind == Kind::scalar) {
    // A file that is absent is the errno that says so; one that is present needs no check but the call's own.
    const auto choice = choice_value(context, *expect, "expect", {"absent", "present"});
    if (choice == 0U) stat.expect_errno = ENOENT;
  } else {
    if (const auto* map = expect_map(context, step, "expect_stat")) {
      stat.expect_errno = expected_errno(context, *map);
      check_errno_alone(context, *map, stat_fields);
      for (const auto& entry : map->entries) {
        if (std::find(stat_fields.begin(), stat_fields.end(), entry.key) == stat_fields.end()) continue;
        if (auto value = stat_value(context, entry)) stat.expect.emplace_back(entry.key, std::move(*value));
      }
    }
  }
  auto path = guest_path(context, action, "stat");
  if (!path) return std::nullopt;
  stat.path = std::move(*path);
  return stat;
}

std::optional<Action> parse_list(Context& context, const YamlNode& action, const YamlNode& step) {
  ListStep list;
  list.expect = text_or_errno(context, step, list.expect_errno);
  auto path = guest_path(context, action, "list");
  if (!path) return std::nullopt;
  list.path = std::move(*path);
  return list;
}

std::optional<Action> parse_open(Context& context, const YamlNode& action, const YamlNode& step) {
  OpenStep open;
  if (const auto* mode = step.find("for")) open.flags = named(context, *mode, "for", open_modes).value_or(O_RDONLY);
  if (const auto* flags = step.find("flags")) open.flags |= bits(context, *flags, "flags", open_flags);
  if (const auto* expect = expect_map(context, step, "expect_errno"))
    open.expect_errno = expected_errno(context, *expect);
  if (const auto* name = step.find("as")) {
    open.name = label_value(context, *name, "as").value_or("");
    if (open.expect_errno != 0) context.faults.add(name->position, "what fails to open has no name", "drop \"as\"");
  } else if (open.expect_errno == 0) {
    context.faults.add(action.position, "an open step needs \"as\": what later steps call the file", "as: dev");
  }
  auto path = guest_path(context, action, "open");
  if (!path) return std::nullopt;
  open.path = std::move(*path);
  return open;
}

std::optional<Action> parse_close(Context& context, const YamlNode& action, const YamlNode& step) {
  CloseStep close;
  if (const auto* expect = expect_map(context, step, "expect_errno"))
    close.expect_errno = expected_errno(context, *expect);
  auto name = label_value(context, action, "close");
  if (!name) return std::nullopt;
  close.name = std::move(*name);
  return close;
}

std::optional<Action> parse_seek(Context& context, const YamlNode& action, const YamlNode& step) {
  SeekStep seek;
  static const std::vector<std::pair<std::string, int>> places = {
      {"start", SEEK_SET}, {"current", SEEK_CUR}, {"end", SEEK_END}};
  if (const auto* to = step.find("to")) {
    seek.to = number_value(context, *to, "to", any_least, any_most).value_or("0");
  } else {
    context.faults.add(action.position, "a seek step needs \"to\": the offset", "to: 0");
  }
  if (const auto* from = step.find("from")) seek.whence = named(context, *from, "from", places).value_or(SEEK_SET);
  if (const auto* expect = expect_map(context, step, "expect_seek")) {
    seek.expect_errno = expected_errno(context, *expect);
    check_errno_alone(context, *expect, {"offset"});
    if (const auto* offset = expect->find("offset"))
      seek.expect_offset = number_value(context, *offset, "offset", 0, any_most);
  }
  auto name = label_value(context, action, "seek");
  if (!name) return std::nullopt;
  seek.name = std::move(*name);
  return seek;
}

std::optional<Action> parse_poll(Context& context, const YamlNode& action, const YamlNode& step) {
  PollStep poll;
  const auto* events = step.find("for");
  poll.events = events != nullptr ? bits(context, *events, "for", poll_events) : POLLIN;
  if (const auto* timeout = step.find("timeout"))
    poll.timeout = duration_value(context, *timeout, "timeout").value_or(std::chrono::milliseconds(0));
  if (const auto* expect = expect_map(context, step, "expect_poll")) {
    const auto* ready = expect->find("ready");
    if (ready != nullptr && ready->kind == Kind::scalar && ready->text == "nothing") {
      poll.expect = 0;
    } else if (ready != nullptr) {
      poll.expect = bits(context, *ready, "ready", poll_events);
    }
  }
  auto name = label_value(context, action, "poll");
  if (!name) return std::nullopt;
  poll.name = std::move(*name);
  return poll;
}

std::optional<Action> parse_ioctl(Context& context, const YamlNode& action, const YamlNode& step) {
  IoctlStep ioctl;
  if (const auto* request = step.find("request")) {
    auto number = request->kind == Kind::map ? encoded_request(context, *request, ioctl.request_words)
                                             : number_value(context, *request, "request", 0, UINT32_MAX);
    ioctl.request = number.value_or("0");
  } else {
    context.faults.add(action.position, "an ioctl step needs \"request\"",
                       "a number, or {type: k, number: 1, direction: read, size: 4}");
  }
  parse_argument(context, step, ioctl);
  ioctl.expect = text_or_errno(context, step, ioctl.expect_errno, "expect_ioctl");
  if (const auto* expect = step.find("expect"); expect != nullptr && expect->kind == Kind::map) {
    if (const auto* result = expect->find("result"))
      ioctl.expect_result = number_value(context, *result, "result", any_least, any_most);
    if (const auto* integer = expect->find_entry("integer")) {
      ioctl.expect_integer = number_value(context, integer->value, "integer", any_least, any_most);
      if (ioctl.argument != IoctlStep::Argument::integer)
        context.faults.add(integer->position, "an ioctl without \"integer\" gives none to check",
                           "integer: 0 points to one that is 0 before the call");
    }
  }
  auto name = label_value(context, action, "ioctl");
  if (!name) return std::nullopt;
  ioctl.name = std::move(*name);
  return ioctl;
}

}  // namespace labctl::spec
