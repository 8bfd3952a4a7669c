#include "expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "support/text.hpp"

namespace labctl {
namespace {

constexpr int max_nesting = 50;
constexpr std::size_t max_items = 10'000;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::string> items_of(const std::string& list) {
  std::vector<std::string> items;
  std::size_t begin = 0;
  while (!list.empty() && items.size() < max_items) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    items.push_back(list.substr(begin, end - begin));
    if (end == list.size()) break;
    begin = end + 1;
  }
  return items;
}

tl::unexpected<Error> no_value(const std::string& what) {
  return fail(Fault::module, what);
}

Result<std::int64_t> number_of(const std::string& text, std::string_view of) {
  if (const auto number = whole_number(text)) return *number;
  return no_value(fmt::format("{} is {}, which is no whole number", of, quoted(text, 60)));
}

Result<std::vector<std::int64_t>> numbers_of(const std::string& list, std::string_view of) {
  std::vector<std::int64_t> numbers;
  for (const auto& item : items_of(list)) {
    auto number = number_of(item, fmt::format("an item of {}", of));
    if (!number) return fail(number.error());
    numbers.push_back(*number);
  }
  return numbers;
}

std::string joined(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> texts;
  for (const auto number : numbers)
    texts.push_back(std::to_string(number));
  return join(texts, ",");
}

using Function = Result<std::string> (*)(const std::string& argument);

Result<std::string> sum_of(const std::string& list) {
  auto numbers = numbers_of(list, "sum()");
  if (!numbers) return fail(numbers.error());
  std::int64_t sum = 0;
  for (const auto number : *numbers)
    if (__builtin_add_overflow(sum, number, &sum)) return no_value("sum() is beyond 64 bits");
  return std::to_string(sum);
}

Result<std::string> extreme_of(const std::string& list, bool greatest) {
  const char* name = greatest ? "max()" : "min()";
  auto numbers = numbers_of(list, name);
  if (!numbers) return fail(numbers.error());
  if (numbers->empty()) return no_value(fmt::format("{} of nothing", name));
  const auto [least, most] = std::minmax_element(numbers->begin(), numbers->end());
  return std::to_string(greatest ? *most : *least);
}

Result<std::string> sorted_list(const std::string& list) {
  auto numbers = numbers_of(list, "sorted()");
  if (!numbers) return fail(numbers.error());
  std::sort(numbers->begin(), numbers->end());
  return joined(*numbers);
}

Result<std::string> reversed_list(const std::string& list) {
  auto items = items_of(list);
  std::reverse(items.begin(), items.end());
  return join(items, ",");
}

const std::vector<std::pair<std::string, Function>>& functions() {
  static const std::vector<std::pair<std::string, Function>> all = {
      {"count", [](const std::string& list) -> Result<std::string> { return std::to_string(items_of(list).size()); }},
      {"hex",
       [](const std::string& text) -> Result<std::string> {
         auto number = number_of(text, "hex()");
         if (!number) return fail(number.error());
         return fmt::format("{:x}", static_cast<std::uint64_t>(*number));
       }},
      {"length", [](const std::string& text) -> Result<std::string> { return std::to_string(text.size()); }},
      {"lines", [](const std::string& list) -> Result<std::string> { return join(items_of(list), "\n"); }},
      {"max", [](const std::string& list) { return extreme_of(list, true); }},
      {"min", [](const std::string& list) { return extreme_of(list, false); }},
      {"reversed", reversed_list},
      {"sorted", sorted_list},
      {"sum", sum_of},
      {"upper",
       [](const std::string& text) -> Result<std::string> {
         std::string upper = text;
         std::transform(upper.begin(), upper.end(), upper.begin(),
                        [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
         return upper;
       }},
  };
  return all;
}

// A recursive descent over the text. Without values it only reads: names are collected and nothing is computed.
class Parser {
 public:
  Parser(std::string_view text, const Values* values) : text_(text), values_(values) {}

  Result<std::string> run() {
    auto value = sum(0);
    if (!value) return value;
    if (!rest().empty()) return unreadable("does not end here");
    return value;
  }

  std::vector<std::string> take_names() { return std::move(names_); }

 private:
  std::string_view rest() {
    while (at_ < text_.size() && text_[at_] == ' ')
      ++at_;
    return text_.substr(at_);
  }

  bool take(char c) {
    if (!rest().starts_with(c)) return false;
    ++at_;
    return true;
  }

  tl::unexpected<Error> unreadable(const char* why) {
    return fail(Fault::usage,
                fmt::format("${{{}}} {} (at character {})", printable(text_.substr(0, 80)), why, at_ + 1));
  }

  Result<std::string> compute(char sign, const std::string& left, const std::string& right) {
    if (values_ == nullptr) return std::string();
    auto a = number_of(left, "what is left of " + std::string(1, sign));
    if (!a) return fail(a.error());
    auto b = number_of(right, "what is right of " + std::string(1, sign));
    if (!b) return fail(b.error());
    const bool divides = sign == '/' || sign == '%';
    if (divides && *b == 0) return no_value("a division by zero");
    std::int64_t result = 0;
    bool beyond = divides && *a == INT64_MIN && *b == -1;
    if (sign == '+') beyond = __builtin_add_overflow(*a, *b, &result);
    if (sign == '-') beyond = __builtin_sub_overflow(*a, *b, &result);
    if (sign == '*') beyond = __builtin_mul_overflow(*a, *b, &result);
    if (beyond) return no_value(fmt::format("{} {} {} is beyond 64 bits", *a, sign, *b));
    if (divides) result = sign == '/' ? *a / *b : *a % *b;
    return std::to_string(result);
  }

  using Level = Result<std::string> (Parser::*)(int);
  Result<std::string> row(Level part, std::string_view signs, int depth) {
    auto left = (this->*part)(depth);
    while (left && !rest().empty() && signs.find(rest().front()) != std::string_view::npos) {
      const char sign = rest().front();
      ++at_;
      auto right = (this->*part)(depth);
      if (!right) return right;
      left = compute(sign, *left, *right);
    }
    return left;
  }

  Result<std::string> sum(int depth) { return row(&Parser::product, "+-", depth); }
  Result<std::string> product(int depth) { return row(&Parser::single, "*/%", depth); }

  Result<std::string> single(int depth) {
    if (depth > max_nesting) return unreadable("is nested too deeply");
    if (take('-')) {
      auto value = single(depth + 1);
      return value ? compute('-', "0", *value) : value;
    }
    if (take('(')) {
      auto value = sum(depth + 1);
      if (value && !take(')')) return unreadable("lacks a )");
      return value;
    }
    const std::string_view text = rest();
    std::size_t length = 0;
    while (length < text.size() && (is_letter(text[length]) || is_digit(text[length])))
      ++length;
    if (length == 0) return unreadable("needs a name or a number");
    const std::string word(text.substr(0, length));
    at_ += length;
    if (is_digit(word[0])) {
      if (!whole_number(word)) return unreadable("holds no number that can be read");
      return word;
    }
    return rest().starts_with('(') ? call(word, depth) : value_of(word);
  }

  Result<std::string> value_of(const std::string& name) {
    names_.push_back(name);
    if (values_ == nullptr) return std::string();
    const auto found = values_->find(name);
    if (found == values_->end()) return no_value(fmt::format("{} has no value", name));
    return found->second;
  }

  Result<std::string> call(const std::string& name, int depth) {
    const auto& all = functions();
    const auto function =
        std::find_if(all.begin(), all.end(), [&name](const auto& candidate) { return candidate.first == name; });
    if (function == all.end()) return unreadable("calls no function that there is");
    take('(');
    auto argument = sum(depth + 1);
    if (argument && !take(')')) return unreadable("lacks a )");
    if (!argument || values_ == nullptr) return argument;
    return function->second(*argument);
  }

  std::string_view text_;
  const Values* values_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

const std::vector<std::string>& function_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, function] : functions())
      all.push_back(name);
    return all;
  }();
  return names;
}

Result<std::vector<std::string>> names_in(std::string_view expression) {
  Parser parser(expression, nullptr);
  if (auto read = parser.run(); !read) return fail(read.error());
  return parser.take_names();
}

Result<std::string> evaluate(std::string_view expression, const Values& values) {
  return Parser(expression, &values).run();
}

}  // namespace labctl
