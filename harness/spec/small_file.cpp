#include "small_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "faults.hpp"
#include "source_text.hpp"
#include "spec/lab_reader.hpp"
#include "support/text.hpp"

namespace labctl::spec {

namespace {

constexpr std::size_t most_shown = 50;

}  // namespace

Status read_small_file(const std::filesystem::path& file, const std::string& text, const std::string& described,
                       const std::function<void(Context& context, const YamlNode& root)>& read) {
  Faults faults;
  const SourceText source(text);
  if (check_source(source, faults))
    if (const auto tree = read_yaml(source, faults)) {
      Context context{file, source, faults};
      read(context, *tree);
    }
  if (faults.empty()) return {};
  const auto diagnostics = faults.take();
  std::string message = printable(file.string()) + " has mistakes";
  for (std::size_t i = 0; i < std::min(diagnostics.size(), most_shown); ++i)
    message += "\n" + format_diagnostic(file, text, diagnostics[i]);
  if (diagnostics.size() > most_shown) message += fmt::format("\nand {} more", diagnostics.size() - most_shown);
  return fail(Fault::usage, std::move(message), described + " describes every key");
}

}  // namespace labctl::spec
