#include "c_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace labctl {

namespace {

constexpr auto npos = std::string_view::npos;

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool in_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Comments, what is in quotes, and preprocessor lines become blanks. Lines and places stay.
std::string blanked(std::string_view source) {
  std::string code(source);
  const auto blank = [&code](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to && i < code.size(); ++i)
      if (code[i] != '\n') code[i] = ' ';
  };
  bool only_blanks = true;  // since the line began
  for (std::size_t i = 0; i < source.size();) {
    const char c = source[i];
    std::size_t end = i + 1;
    if (source.substr(i, 2) == "/*") {
      end = source.find("*/", i + 2);
      end = end == npos ? source.size() : end + 2;
      blank(i, end);
    } else if (source.substr(i, 2) == "//") {
      end = std::min(source.find('\n', i), source.size());
      blank(i, end);
    } else if (c == '"' || c == '\'') {
      while (end < source.size() && source[end] != c && source[end] != '\n')
        end += source[end] == '\\' ? 2U : 1U;
      blank(i + 1, end);
      end = std::min(end + 1, source.size());
    } else if (c == '#' && only_blanks) {
      do {
        end = std::min(source.find('\n', end), source.size());
      } while (end < source.size() && source[end - 1] == '\\' && ++end < source.size());
      blank(i, end);
    }
    if (c == '\n')
      only_blanks = true;
    else if (!is_blank(c) && source.substr(i, 2) != "/*")
      only_blanks = false;
    i = end;
  }
  return code;
}

std::size_t skip_blanks(std::string_view code, std::size_t at) {
  while (at < code.size() && is_blank(code[at]))
    ++at;
  return at;
}

std::string_view name_at(std::string_view code, std::size_t at) {
  if (at >= code.size() || !begins_name(code[at])) return {};
  std::size_t end = at;
  while (end < code.size() && in_name(code[end]))
    ++end;
  return code.substr(at, end - at);
}

// Behind the bracket that closes the one at `at`; npos where none does before `limit`.
std::size_t behind_bracket(std::string_view code, std::size_t at, std::size_t limit) {
  int depth = 0;
  for (std::size_t i = at; i < limit; ++i) {
    const char c = code[i];
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (depth == 0) return i + 1;
  }
  return npos;
}

// The next semicolon that is in no brackets; npos where there is none before `limit`.
std::size_t semicolon(std::string_view code, std::size_t at, std::size_t limit) {
  while (at < limit && code[at] != ';') {
    const char c = code[at];
    if (c == ')' || c == ']' || c == '}') return npos;
    at = c == '(' || c == '[' || c == '{' ? behind_bracket(code, at, limit) : at + 1;
  }
  return at < limit ? at : npos;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (!is_blank(c))
      line += c;
    else if (!line.empty() && line.back() != ' ' && line.back() != '(')
      line += ' ';
  }
  while (line.ends_with(' '))
    line.pop_back();
  return line;
}

// What takes and gives back locks, as include/linux/{mutex,spinlock,rwlock,rwsem,rcupdate,srcu,seqlock,irqflags,
// bottom_half,preempt}.h have it.
bool is_lock_call(std::string_view name) {
  if (name.ends_with("_init") || name.find("_is_") != npos) return false;
  static constexpr std::array<std::string_view, 27> prefixes = {
      "mutex_lock",     "mutex_unlock",    "mutex_trylock", "rt_mutex_lock",   "rt_mutex_unlock", "spin_lock",
      "spin_unlock",    "spin_trylock",    "raw_spin_lock", "raw_spin_unlock", "read_lock",       "read_unlock",
      "write_lock",     "write_unlock",    "rcu_read_lock", "rcu_read_unlock", "srcu_read_lock",  "srcu_read_unlock",
      "write_seqlock",  "write_sequnlock", "bit_spin_lock", "bit_spin_unlock", "local_irq_",      "local_bh_",
      "preempt_enable", "preempt_disable", "down_"};
  static constexpr std::array<std::string_view, 5> names = {"down", "up", "up_read", "up_write", "downgrade_write"};
  return is_one_of(name, names) || std::any_of(prefixes.begin(), prefixes.end(),
                                               [name](std::string_view prefix) { return name.starts_with(prefix); });
}

class FunctionReader {
 public:
  FunctionReader(std::string_view source, std::string_view code, CFunction& function)
      : source_(source), code_(code), function_(function) {}

  void read() {
    std::size_t at = function_.body.begin;
    const std::size_t end = function_.body.end;
    while ((at = skip_blanks(code_, at)) < end) {
      const std::size_t next = read_one(at);
      if (next == npos || next <= at) return;  // not understood: what follows is left alone
      at = next;
    }
  }

 private:
  // One statement, or what stands before it.
  std::size_t read_one(std::size_t at) {
    static constexpr std::array<std::string_view, 4> with_condition = {"if", "while", "for", "switch"};
    static constexpr std::array<std::string_view, 2> before_statement = {"else", "do"};
    static constexpr std::array<std::string_view, 4> jumps = {"return", "goto", "break", "continue"};
    const char c = code_[at];
    if (c == '{' || c == '}' || c == ';') return at + 1;
    const std::string_view word = name_at(code_, at);
    if (is_one_of(word, with_condition)) {
      const std::size_t open = skip_blanks(code_, at + word.size());
      if (open >= function_.body.end || code_[open] != '(') return npos;
      const std::size_t behind = behind_bracket(code_, open, function_.body.end);
      if (behind != npos) find_locks_in({open, behind});
      return behind;
    }
    if (is_one_of(word, before_statement)) return at + word.size();
    if (word == "case" || word == "default") {
      const std::size_t colon = code_.find(':', at);
      return colon < function_.body.end ? colon + 1 : npos;
    }
    const std::size_t end = semicolon(code_, at, function_.body.end);
    if (is_one_of(word, jumps)) {
      if (end != npos) find_locks_in({at, end});
      return end == npos ? npos : end + 1;
    }
    if (!word.empty()) {
      const std::size_t behind_name = skip_blanks(code_, at + word.size());
      if (code_[behind_name] == ':') {
        after_label_ = true;
        return behind_name + 1;
      }
      if (code_[behind_name] == '(') {
        // list_for_each_entry(...) and its like: what follows the brackets is a statement of its own.
        const std::size_t behind = behind_bracket(code_, behind_name, function_.body.end);
        if (behind == npos) return npos;
        const std::size_t then = skip_blanks(code_, behind);
        if (code_[then] == '{' || begins_name(code_[then])) return behind;
        if (code_[then] == ';') {
          add_call(word, {at, then + 1});
          return then + 1;
        }
      }
    }
    if (end == npos) return npos;
    if (is_assignment({at, end})) add({at, end + 1}, "");
    find_locks_in({at, end});
    return end + 1;
  }

  int line_of(std::size_t at) const {
    return 1 + static_cast<int>(std::count(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }

  void add(Range range, std::string_view called) {
    function_.statements.push_back({range, one_line(source_.substr(range.begin, range.end - range.begin)),
                                    line_of(range.begin), std::string(called), after_label_});
  }

  void add_call(std::string_view called, Range range) {
    if (is_lock_call(called))
      add_lock({range.begin, range.end - 1}, "");
    else
      add(range, called);
  }

  void add_lock(Range range, const char* instead) {
    function_.locks.push_back(
        {range, one_line(source_.substr(range.begin, range.end - range.begin)), line_of(range.begin), instead});
  }

  // Of expressions that ask for the call's value.
  void find_locks_in(Range range) {
    for (std::size_t at = range.begin; at < range.end;) {
      const std::string_view word = name_at(code_, at);
      if (word.empty()) {
        ++at;
        continue;
      }
      const std::size_t open = skip_blanks(code_, at + word.size());
      if (is_lock_call(word) && open < range.end && code_[open] == '(')
        if (const std::size_t behind = behind_bracket(code_, open, range.end); behind != npos)
          add_lock({at, behind}, word.find("trylock") != npos ? "1" : "0");
      at += word.size();
    }
  }

  bool is_assignment(Range range) const {
    const std::string_view text = code_.substr(range.begin, range.end - range.begin);
    if (is_declaration(text)) return false;
    int depth = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '(' || text[i] == '[' || text[i] == '{') ++depth;
      if (text[i] == ')' || text[i] == ']' || text[i] == '}') --depth;
      if (depth > 0) continue;
      const std::string_view two = text.substr(i, 2);
      if (two == "++" || two == "--") return true;
      static constexpr std::string_view compares = "=!<>";
      const bool compared = text[i + 1] == '=' || (i > 0 && compares.find(text[i - 1]) != npos && !is_shift(text, i));
      if (text[i] == '=' && !compared) return true;
    }
    return false;
  }

  // Whether the = at `at` belongs to <<= or >>=.
  static bool is_shift(std::string_view text, std::size_t at) {
    return at >= 2 && text[at - 1] == text[at - 2] && (text[at - 1] == '<' || text[at - 1] == '>');
  }

  // "u32 x = 1", "struct item *item = f()", "item_t *item": a name that is followed by another one. `a * b;` alone
  // would be no statement that anybody writes.
  static bool is_declaration(std::string_view text) {
    const std::string_view first = name_at(text, 0);
    if (first.empty()) return false;
    std::size_t at = skip_blanks(text, first.size());
    while (at < text.size() && (text[at] == '*' || is_blank(text[at])))
      ++at;
    return !name_at(text, at).empty();
  }

  const std::string_view source_, code_;
  CFunction& function_;
  bool after_label_ = false;
};

// Whether every bracket in the range is closed in it.
bool is_balanced(std::string_view code, Range range) {
  int round = 0, curly = 0;
  for (std::size_t i = range.begin; i < range.end; ++i) {
    round += code[i] == '(' ? 1 : code[i] == ')' ? -1 : 0;
    curly += code[i] == '{' ? 1 : code[i] == '}' ? -1 : 0;
    if (round < 0 || curly < 0) return false;
  }
  return round == 0 && curly == 0;
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !in_name(text[at - 1]);
    const bool ends = at + word.size() == text.size() || !in_name(text[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

// The last name in a parameter's declaration: "size_t count" → "count".
std::string last_name(std::string_view parameter) {
  std::size_t end = parameter.size();
  while (end > 0 && !in_name(parameter[end - 1]))
    --end;
  std::size_t begin = end;
  while (begin > 0 && in_name(parameter[begin - 1]))
    --begin;
  return std::string(parameter.substr(begin, end - begin));
}

CFunction::Returns returns_of(std::string_view before_name) {
  static constexpr std::array<std::string_view, 9> numbers = {"int", "long", "short", "char",  "ssize_t",
                                                              "s32", "s64",  "s16",   "loff_t"};
  if (before_name.find('*') != npos) return CFunction::Returns::pointer;
  if (has_word(before_name, "void")) return CFunction::Returns::nothing;
  const bool is_signed = !has_word(before_name, "unsigned") &&
                         std::any_of(numbers.begin(), numbers.end(),
                                     [&](std::string_view number) { return has_word(before_name, number); });
  return is_signed ? CFunction::Returns::integer : CFunction::Returns::flag;
}

// Of who is given data to take: the parameter of type size_t beside one that is a pointer to constant bytes.
std::string length_parameter(std::string_view parameters) {
  std::string length;
  bool given_data = false;
  while (!parameters.empty()) {
    const std::string_view one = parameters.substr(0, parameters.find(','));
    if (has_word(one, "size_t") && one.find('*') == npos) length = last_name(one);
    if (has_word(one, "const") && (has_word(one, "char") || has_word(one, "void")) && one.find('*') != npos)
      given_data = true;
    parameters.remove_prefix(std::min(parameters.size(), one.size() + 1));
  }
  return given_data ? length : std::string();
}

// What stands before a function's body; nothing where it is no function.
std::optional<CFunction> read_head(std::string_view head) {
  for (std::size_t at = 0; at < head.size();) {
    const std::string_view word = name_at(head, at);
    if (word.empty()) {
      ++at;
      continue;
    }
    const std::size_t open = skip_blanks(head, at + word.size());
    const bool annotation = word.starts_with("__");
    if (open < head.size() && head[open] == '(' && !annotation) {
      const std::size_t behind = behind_bracket(head, open, head.size());
      if (behind == npos) return std::nullopt;
      CFunction function;
      function.name = word;
      function.returns = returns_of(head.substr(0, at));
      function.length = length_parameter(head.substr(open + 1, behind - open - 2));
      function.init = has_word(head, "__init");
      function.exit = has_word(head, "__exit");
      return function;
    }
    at += word.size();
  }
  return std::nullopt;
}

}  // namespace

CSource read_c(std::string_view source) {
  CSource result;
  result.code = blanked(source);
  const std::string_view code = result.code;
  std::size_t behind_last = 0;  // where what stands before the next function begins
  int line = 0;
  for (std::size_t at = 0; at < code.size();) {
    ++line;
    const std::size_t line_end = std::min(code.find('\n', at), code.size());
    if (code[at] == '{') {
      const std::size_t close = code.find("\n}", at);
      if (close == npos) break;
      const Range body{at + 1, close + 1};
      const std::size_t before = code.substr(behind_last, at - behind_last).find_last_of(";}");
      const std::size_t head = before == npos ? behind_last : behind_last + before + 1;
      if (auto function = read_head(code.substr(head, at - head)); function && is_balanced(code, body)) {
        function->line = line;
        function->body = body;
        FunctionReader(source, code, *function).read();
        result.functions.push_back(std::move(*function));
      }
      line += static_cast<int>(std::count(source.begin() + static_cast<std::ptrdiff_t>(at),
                                          source.begin() + static_cast<std::ptrdiff_t>(close), '\n'));
      behind_last = close + 2;
      at = close + 1;
      continue;
    }
    at = line_end + 1;
  }
  return result;
}

int count_calls(std::string_view code, std::string_view name) {
  int count = 0;
  for (std::size_t at = code.find(name); at != npos; at = code.find(name, at + name.size())) {
    if (at > 0 && in_name(code[at - 1])) continue;
    const std::size_t behind = at + name.size();
    if (behind < code.size() && in_name(code[behind])) continue;
    const std::size_t open = skip_blanks(code, behind);
    if (open < code.size() && code[open] == '(') ++count;
  }
  return count;
}

}  // namespace labctl
