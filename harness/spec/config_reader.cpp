#include "spec/config_reader.hpp"

#include <system_error>

#include "small_file.hpp"
#include "support/files.hpp"
#include "values.hpp"

namespace labctl {

namespace {

constexpr std::uint64_t most_bytes = 1 << 16;

Config config_of(spec::Context& context, const spec::YamlNode& root) {
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
  const auto read = [&config](spec::Context& context, const spec::YamlNode& root) {
    config = config_of(context, root);
  };
  if (auto good = spec::read_small_file(file, text, "docs/libvirt.md", read); !good) return fail(good.error());
  return config;
}

Result<Config> read_config(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return Config{};
  auto text = read_file(file, most_bytes);
  if (!text) return fail(text.error());
  return parse_config(file, *text);
}

}  // namespace labctl
