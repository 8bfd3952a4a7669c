#include "connection_choice.hpp"

#include "spec/config_reader.hpp"

namespace labctl {

std::optional<std::string> chosen_uri(const std::string& option, const std::string& config) {
  const std::string& said = option.empty() ? config : option;
  if (said.empty() || said == "local") return std::nullopt;
  return said == "default" ? "" : said;
}

Result<std::optional<std::string>> choose_uri(const std::string& option) {
  const auto folder = config_folder();
  if (!folder) return chosen_uri(option, "");  // nobody's home: there are no settings
  auto config = read_config(*folder / "config.yaml");
  if (!config) return fail(config.error());
  return chosen_uri(option, config->connect);
}

Result<std::unique_ptr<LibvirtHost>> connect(const std::string& option, const Cache& cache, const Context& context) {
  auto uri = choose_uri(option);
  if (!uri) return fail(uri.error());
  if (!*uri) return std::unique_ptr<LibvirtHost>();
  return open_libvirt_host(**uri, cache, context.progress, context.stop);
}

}  // namespace labctl
