#include "spec/config_reader.hpp"

#include <fmt/format.h>

#include <system_error>

#include "context.hpp"
#include "faults.hpp"
#include "source_text.hpp"
#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "values.hpp"
#include "yaml_tree.hpp"

namespace labctl {

namespace {

constexpr std::uint64_t most_bytes = 1 << 16;

Config parse_tree(spec::Context& context, const spec::YamlNode& root) {
  Config config;
  if (root.kind == spec::YamlNode::Kind::null || root.kind == spec::YamlNode::Kind::refused) return config;
  if (root.kind != spec::YamlNode::Kind::map) {
    context.faults.add(root.position, "the settings must be a map, not " + spec::describe(root), "connect: URI");
    return config;
  }
  for (const auto& entry : root.entries)
    if (entry.key != "connect")
      context.faults.add(entry.position, "unknown key " + spec::shown(entry.key),
                         context.faults.names_hint(entry.key, {"connect"}));
  if (const auto* node = root.find("connect"))
    config.connect = spec::line_value(context, *node, "connect").value_or("");
  return config;
}

}  // namespace

Result<Config> parse_config(const std::filesystem::path& file, const std::string& text) {
  Config config;
  spec::Faults faults;
  const spec::SourceText source(text);
  if (spec::check_source(source, faults)) {
    if (const auto tree = spec::read_yaml(source, faults)) {
      spec::Context context{file, source, faults};
      config = parse_tree(context, *tree);
    }
  }
  if (faults.empty()) return config;
  std::string message = printable(file.string()) + " has mistakes";
  for (const auto& diagnostic : faults.take())
    message += "\n" + format_diagnostic(file, text, diagnostic);
  return fail(Fault::usage, std::move(message), "docs/libvirt.md describes its only key, connect");
}

Result<Config> read_config(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return Config{};
  auto text = read_file(file, most_bytes);
  if (!text) return fail(text.error());
  return parse_config(file, *text);
}

}  // namespace labctl
