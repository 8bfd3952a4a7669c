#include "structure_check.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "nearest_lines.hpp"
#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

constexpr const char* cut_short = "output that was cut at its size limit, so its whole is not known";
constexpr std::size_t max_listed = 5;      // lines named in one message
constexpr std::size_t max_hex_bytes = 64;  // of one side of a comparison
constexpr std::size_t max_digits = 40;     // of a number

// 64-bit integers and decimal fractions, both exactly enough: a long double has 64 bits of mantissa.
using Real = long double;

std::optional<Real> real_number(std::string_view text) {
  if (const auto whole = whole_number(text)) return static_cast<Real>(*whole);
  const std::string copy(text.substr(0, max_digits));
  if (copy.empty() || copy.size() < text.size()) return std::nullopt;
  if (copy.find_first_not_of("+-0123456789.") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const Real value = std::strtold(copy.c_str(), &end);
  return end == copy.c_str() + copy.size() ? std::optional(value) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string hex_dump(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, max_hex_bytes))
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<unsigned char>(c));
  if (bytes.size() > max_hex_bytes) text += " ...";
  return fmt::format("{} byte{}{}{}", bytes.size(), bytes.size() == 1 ? "" : "s", bytes.empty() ? "" : ": ", text);
}

std::string some(const std::vector<std::string>& lines) {
  std::vector<std::string> shown_lines;
  for (const auto& line : lines)
    if (shown_lines.size() < max_listed) shown_lines.push_back(labctl::quoted(line, 100));
  std::string text = join(shown_lines, ", ");
  if (lines.size() > max_listed) text += fmt::format(" and {} more", lines.size() - max_listed);
  return text;
}

std::map<std::string, int> counted(const std::vector<std::string_view>& lines) {
  std::map<std::string, int> counts;
  for (const auto line : lines)
    ++counts[std::string(line)];
  return counts;
}

// What of wanted is not in seen, each as often as it is missing.
std::vector<std::string> missing_of(const std::map<std::string, int>& wanted, const std::map<std::string, int>& seen) {
  std::vector<std::string> missing;
  for (const auto& [line, times] : wanted) {
    const auto found = seen.find(line);
    for (int i = found == seen.end() ? 0 : found->second; i < times; ++i)
      missing.push_back(line);
  }
  return missing;
}

std::vector<std::string_view> cells_of(std::string_view line, const std::string& separator) {
  std::vector<std::string_view> cells;
  if (separator.empty()) {
    while (true) {
      const auto begin = line.find_first_not_of(" \t");
      if (begin == std::string_view::npos) return cells;
      line.remove_prefix(begin);
      const auto end = std::min(line.find_first_of(" \t"), line.size());
      cells.push_back(line.substr(0, end));
      line.remove_prefix(end);
    }
  }
  while (true) {
    const auto end = line.find(separator);
    cells.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + separator.size());
  }
}

// One row's cells under the columns' names. A row that is longer than the names keeps its last cells together.
using Row = std::map<std::string, std::string, std::less<>>;

Row row_of(std::string_view line, const std::vector<std::string>& columns, const std::string& separator) {
  const auto cells = cells_of(line, separator);
  Row row;
  for (std::size_t i = 0; i < columns.size() && i < cells.size(); ++i) {
    const bool last = i + 1 == columns.size();
    row[columns[i]] = last ? std::string(trimmed(line.substr(static_cast<std::size_t>(cells[i].data() - line.data()))))
                           : std::string(cells[i]);
  }
  return row;
}

std::string described(const std::vector<std::pair<std::string, std::string>>& keys) {
  std::vector<std::string> parts;
  for (const auto& [column, cell] : keys)
    parts.push_back(fmt::format("{} {}", column, labctl::quoted(cell, 60)));
  return join(parts, " and ");
}

class StructureChecker {
 public:
  StructureChecker(std::string_view noun, const std::string& text, bool truncated)
      : noun_(noun), text_(text), truncated_(truncated), lines_(split_lines(text)) {}

  void bytes(const TextExpectation& expect) {
    if (expect.exactly) {
      const std::string what = fmt::format("the {} is {}", noun_, hex_dump(*expect.exactly));
      add(text_ == *expect.exactly, true, what, difference(*expect.exactly), hex_dump(text_));
    }
    if (expect.bytes) {
      const auto wanted = whole_number(*expect.bytes).value_or(-1);
      const std::string what = fmt::format("the {} has {} bytes", noun_, wanted);
      add(static_cast<std::int64_t>(text_.size()) == wanted, true, what, fmt::format("{} bytes", wanted),
          fmt::format("{} bytes: {}", text_.size(), shown(text_)));
    }
  }

  void sequence(const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    std::size_t found = 0;
    for (const auto line : lines_)
      if (found < texts.size() && holds(line, texts[found])) ++found;
    const std::string what = fmt::format("the {} has in order {}", noun_, some(texts));
    if (found == texts.size()) {
      add(true, false, what, "", "");
      return;
    }
    const std::string after =
        found == 0 ? "" : fmt::format(" in a line after {}", labctl::quoted(texts[found - 1], 100));
    add(false, false, what, labctl::quoted(texts[found], 100) + after, shown_near(text_, {texts[found]}));
  }

  void unordered(const std::vector<std::string>& wanted) {
    std::vector<std::string_view> views(wanted.begin(), wanted.end());
    const auto expected = counted(views), seen = counted(lines_);
    const auto missing = missing_of(expected, seen), extra = missing_of(seen, expected);
    const std::string what = fmt::format("the {} has these {} lines, in any order", noun_, wanted.size());
    std::vector<std::string> faults;
    if (!missing.empty()) faults.push_back("without " + some(missing));
    if (!extra.empty()) faults.push_back("with " + some(extra) + (missing.empty() ? " besides" : ""));
    add(faults.empty(), true, what, fmt::format("these lines, in any order: {}", some(wanted)), join(faults, "; "));
  }

  void includes(const TextExpectation& expect) {
    if (expect.includes.empty()) return;
    std::vector<std::string_view> wanted;
    for (const auto& lines : expect.includes)
      for (const auto line : split_lines(lines))
        wanted.push_back(line);
    const auto missing = missing_of(counted(wanted), counted(lines_));
    const auto tolerated = expect.missing.empty() ? 0 : whole_number(expect.missing).value_or(0);
    std::string what = fmt::format("the {} includes {} line{}", noun_, wanted.size(), wanted.size() == 1 ? "" : "s");
    if (tolerated > 0) what += fmt::format(", save {} at most", tolerated);
    // A list of nothing is included in everything: that is no check that was passed.
    if (wanted.empty()) {
      add(false, false, what, "lines to look for", "none were given");
      return;
    }
    add(static_cast<std::int64_t>(missing.size()) <= tolerated, false, what,
        fmt::format("each of {} lines{}", wanted.size(),
                    tolerated > 0 ? fmt::format(", save {} at most", tolerated) : std::string()),
        fmt::format("it without {}", some(missing)));
  }

  void number(const NumberCheck& check) {
    const std::string name = check.of.empty() ? fmt::format("the {} as a number", noun_)
                                              : fmt::format("the number in {}", labctl::quoted(check.of, 80));
    const std::string wanted = wanted_number(check);
    const std::string what = fmt::format("{} is {}", name, wanted);
    std::string found(trimmed(text_));
    if (!check.of.empty()) {
      const RE2 expression = compile(check.of);
      if (!expression.ok() || expression.NumberOfCapturingGroups() != 1 ||
          !RE2::PartialMatch(re2::StringPiece(text_.data(), text_.size()), expression, &found)) {
        add(false, false, what, fmt::format("text that matches {}", labctl::quoted(check.of)),
            shown_near(text_, literal_parts(check.of)));
        return;
      }
    }
    const auto value = real_number(found);
    if (!value) {
      add(false, false, what, "a number", shown(found));
      return;
    }
    // A number at the cut may go on behind it.
    add(number_holds(check, *value), true, what, wanted, found);
  }

  void table(const TableCheck& check) {
    std::vector<std::string> columns = check.columns;
    auto line = lines_.begin() + std::min<std::ptrdiff_t>(check.skip, std::ssize(lines_));
    if (columns.empty() && line != lines_.end()) {
      for (const auto cell : cells_of(*line, check.separator))
        columns.emplace_back(cell);
      ++line;
    }
    std::vector<Row> rows;
    for (; line != lines_.end(); ++line) {
      Row row = row_of(*line, columns, check.separator);
      const bool meant = std::all_of(check.row.begin(), check.row.end(), [&row](const auto& key) {
        const auto cell = row.find(key.first);
        return cell != row.end() && cell->second == key.second;
      });
      if (meant && !row.empty()) rows.push_back(std::move(row));
    }
    const std::string named = check.row.empty() ? "a row" : "a row with " + described(check.row);
    if (check.absent) {
      add(rows.empty(), true, "the table has not " + named, "no row with " + described(check.row),
          fmt::format("{}", rows.empty() ? std::string() : "there is one"));
    } else if (check.rows) {
      const auto wanted = whole_number(*check.rows).value_or(-1);
      const std::string what = fmt::format("the table has {} of {}", wanted, named);
      add(std::ssize(rows) == wanted, true, what, fmt::format("{} of {}", wanted, named),
          fmt::format("{}: {}", rows.size(), shown(text_)));
    }
    if (check.absent || (check.rows && check.cells.empty())) return;
    if (rows.empty()) {
      std::vector<std::string> cells;
      for (const auto& [column, cell] : check.row)
        cells.push_back(cell);
      add(false, false, "the table has " + named, named, shown_near(text_, cells));
      return;
    }
    add(true, false, "the table has " + named, "", "");
    for (const auto& [column, cell] : check.cells)
      this->cell(rows.front(), column, cell, named);
  }

  void json(const std::string& pointer, const std::string& wanted) {
    const std::string what =
        fmt::format("{} is {}", pointer.empty() ? "the JSON" : pointer, labctl::quoted(wanted, 100));
    const auto document = nlohmann::json::parse(text_, nullptr, false);
    if (document.is_discarded()) {
      add(false, false, what, "JSON", shown(text_));
      return;
    }
    try {
      const auto& place = document.at(nlohmann::json::json_pointer(pointer));
      const auto expected = nlohmann::json::parse(wanted, nullptr, false);
      const bool same = place.is_string() ? place.get<std::string>() == wanted : place == expected;
      add(same, false, what, wanted, printable(place.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
    } catch (const nlohmann::json::exception&) {
      add(false, false, what, labctl::quoted(wanted, 100), fmt::format("nothing at {}", pointer));
    }
  }

  std::vector<CheckResult> take() { return std::move(checks_); }

 private:
  // whole: a text that was cut cannot satisfy this.
  void add(bool good, bool whole, const std::string& what, const std::string& expected, const std::string& seen) {
    const std::string of = noun_ == "text" ? std::string() : std::string(noun_) + " ";
    if (!good) {
      checks_.push_back(failing(what, of + expected, seen));
    } else if (whole && truncated_) {
      checks_.push_back(failing(what, of + expected, cut_short));
    } else {
      checks_.push_back(passing(what));
    }
  }

  // The bytes that are wanted, from near the first that differs.
  std::string difference(const std::string& wanted) const {
    const auto at = std::mismatch(wanted.begin(), wanted.end(), text_.begin(), text_.end()).first - wanted.begin();
    return wanted.size() <= max_hex_bytes && text_.size() <= max_hex_bytes
               ? hex_dump(wanted)
               : fmt::format("{}; the first difference is at byte {}", hex_dump(wanted), at + 1);
  }

  static std::string wanted_number(const NumberCheck& check) {
    std::vector<std::string> parts;
    if (check.equals) parts.push_back(*check.equals);
    if (check.min && check.max) {
      parts.push_back(fmt::format("from {} to {}", *check.min, *check.max));
    } else if (check.min) {
      parts.push_back("at least " + *check.min);
    } else if (check.max) {
      parts.push_back("at most " + *check.max);
    }
    if (check.near) parts.push_back(fmt::format("within {} of {}", check.within, *check.near));
    return join(parts, ", ");
  }

  static bool number_holds(const NumberCheck& check, Real value) {
    const auto known = [](const Number& number) { return real_number(number).value_or(0); };
    if (check.equals && value != known(*check.equals)) return false;
    if (check.min && value < known(*check.min)) return false;
    if (check.max && value > known(*check.max)) return false;
    if (!check.near) return true;
    const Real middle = known(*check.near);
    Real away = known(check.within);
    if (check.within.ends_with('%'))
      away = (middle < 0 ? -middle : middle) * known(check.within.substr(0, check.within.size() - 1)) / 100;
    return value >= middle - away && value <= middle + away;
  }

  void cell(const Row& row, const std::string& column, const TextExpectation& expect, const std::string& named) {
    const auto found = row.find(column);
    if (found == row.end()) {
      std::vector<std::string> columns;
      for (const auto& [name, text] : row)
        columns.push_back(name);
      add(false, false, fmt::format("{} has {}", named, column), "a column " + column,
          "columns " + join(columns, ", "));
      return;
    }
    for (auto& check : check_text(fmt::format("{} of {}", column, named), expect, found->second, truncated_))
      checks_.push_back(std::move(check));
  }

  std::string_view noun_;
  const std::string& text_;
  bool truncated_;
  std::vector<std::string_view> lines_;
  std::vector<CheckResult> checks_;
};

}  // namespace

std::vector<CheckResult> check_structure(std::string_view noun, const TextExpectation& expect, const std::string& text,
                                         bool truncated) {
  StructureChecker checker(noun, text, truncated);
  checker.bytes(expect);
  checker.sequence(expect.sequence);
  if (expect.unordered) checker.unordered(*expect.unordered);
  checker.includes(expect);
  for (const auto& number : expect.numbers)
    checker.number(number);
  for (const auto& table : expect.tables)
    checker.table(table);
  for (const auto& [pointer, wanted] : expect.json)
    checker.json(pointer, wanted);
  return checker.take();
}

}  // namespace labctl
