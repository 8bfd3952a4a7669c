#include "kernel/catalogue.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <set>

#include "kernel/kernel.hpp"
#include "kernel/names.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_catalogue_bytes = 1 << 20;

// Walks the document and keeps the first error, so that reading code is not half error handling.
class Reader {
 public:
  explicit Reader(fs::path file) : file_(std::move(file)) {}

  const std::optional<Error>& error() const { return error_; }

  void fault(const YAML::Node& node, const std::string& message, const std::string& hint = {}) {
    if (error_) return;
    const YAML::Mark mark = node.Mark();
    error_ = Error{
        Fault::usage,
        fmt::format("{}:{}:{}: {}", file_.string(), std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, message),
        hint};
  }

  // Every key is known and there once.
  bool is_map(const YAML::Node& node, const std::string& what, const std::vector<std::string>& keys) {
    if (!node.IsMap()) {
      fault(node, what + " must be a map");
      return false;
    }
    std::set<std::string> seen;
    for (const auto& item : node) {
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        fault(item.first, fmt::format("unknown key {} in {}", labctl::quoted(key), what), suggestion(key, keys));
      } else if (!seen.insert(key).second) {
        fault(item.first, fmt::format("key {} is there twice in {}", labctl::quoted(key), what));
      }
    }
    return !error_;
  }

  std::string text(const YAML::Node& map, const char* key, bool required) {
    const YAML::Node node = map[key];
    if (!node) {
      if (required) fault(map, fmt::format("key \"{}\" is missing", key));
      return {};
    }
    if (!node.IsScalar() || node.Scalar().empty()) {
      fault(node, fmt::format("\"{}\" must be a text", key));
      return {};
    }
    return node.Scalar();
  }

  std::vector<std::string> texts(const YAML::Node& map, const char* key) {
    std::vector<std::string> values;
    const YAML::Node node = map[key];
    if (!node || !node.IsSequence() || node.size() == 0) {
      fault(node ? node : map, fmt::format("\"{}\" must be a list", key));
      return values;
    }
    for (const auto& item : node) {
      if (!item.IsScalar() || item.Scalar().empty()) {
        fault(item, fmt::format("\"{}\" must hold texts only", key));
      } else {
        values.push_back(item.Scalar());
      }
    }
    return values;
  }

 private:
  fs::path file_;
  std::optional<Error> error_;
};

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

TarballSource read_tarball(Reader& reader, const YAML::Node& node) {
  TarballSource source;
  if (!reader.is_map(node, "tarball", {"url", "urls", "sha256"})) return source;
  if (node["urls"]) {
    if (node["url"]) reader.fault(node["url"], "give either \"url\" or \"urls\"");
    source.urls = reader.texts(node, "urls");
  } else {
    source.urls = {reader.text(node, "url", true)};
  }
  source.sha256 = reader.text(node, "sha256", true);
  if (!is_sha256(source.sha256)) reader.fault(node["sha256"], "\"sha256\" must be 64 lower-case hexadecimal digits");
  return source;
}

PackageSource read_package(Reader& reader, const YAML::Node& node) {
  PackageSource source;
  if (!reader.is_map(node, "package", {"name", "path"})) return source;
  source.package = reader.text(node, "name", true);
  source.path = reader.text(node, "path", true);
  return source;
}

CatalogueEntry read_entry(Reader& reader, const YAML::Node& node) {
  CatalogueEntry entry;
  if (!reader.is_map(node, "a kernel", {"name", "version", "tarball", "package", "release", "debug"})) return entry;
  entry.name = reader.text(node, "name", true);
  if (!is_kernel_name(entry.name) && !reader.error())
    reader.fault(node["name"], fmt::format("{} is no name for a kernel", labctl::quoted(entry.name)), kernel_name_rule);
  entry.version = reader.text(node, "version", false);
  if (node["tarball"]) entry.tarballs.push_back(read_tarball(reader, node["tarball"]));
  if (node["package"]) entry.packages.push_back(read_package(reader, node["package"]));
  if (!node["tarball"] && !node["package"]) reader.fault(node, "a kernel needs a \"tarball\" or a \"package\"");
  entry.release_fragments = reader.texts(node, "release");
  entry.debug_fragments = reader.texts(node, "debug");
  return entry;
}

}  // namespace

const CatalogueEntry* Catalogue::find(const std::string& name) const {
  for (const auto& entry : entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

const CatalogueEntry& Catalogue::nearest_series(const std::string& version) const {
  const CatalogueEntry* best = nullptr;
  const CatalogueEntry* oldest = &entries.front();
  for (const auto& entry : entries) {
    if (compare_versions(entry.name, oldest->name) < 0) oldest = &entry;
    if (compare_versions(entry.name, version) > 0) continue;
    if (best == nullptr || compare_versions(entry.name, best->name) > 0) best = &entry;
  }
  return best != nullptr ? *best : *oldest;
}

Result<Catalogue> read_catalogue(const fs::path& kernels_yaml) {
  auto bytes = read_file(kernels_yaml, max_catalogue_bytes);
  if (!bytes) return fail(bytes.error());
  YAML::Node root;
  try {
    root = YAML::Load(*bytes);
  } catch (const YAML::Exception& error) {
    return fail(Fault::usage, fmt::format("{}:{}:{}: {}", kernels_yaml.string(), error.mark.line + 1,
                                          error.mark.column + 1, error.msg));
  }
  Reader reader(kernels_yaml);
  Catalogue catalogue;
  if (reader.is_map(root, "the catalogue", {"default", "kernels"})) {
    catalogue.default_name = reader.text(root, "default", true);
    const YAML::Node kernels = root["kernels"];
    if (!kernels || !kernels.IsSequence() || kernels.size() == 0) {
      reader.fault(kernels ? kernels : root, "\"kernels\" must be a list");
    } else {
      for (const auto& node : kernels) {
        auto entry = read_entry(reader, node);
        if (catalogue.find(entry.name) != nullptr)
          reader.fault(node, fmt::format("kernel {} is there twice", labctl::quoted(entry.name)));
        catalogue.entries.push_back(std::move(entry));
      }
    }
  }
  if (!reader.error() && catalogue.find(catalogue.default_name) == nullptr)
    reader.fault(root["default"],
                 fmt::format("the default kernel {} is not in the list", labctl::quoted(catalogue.default_name)));
  if (reader.error()) return fail(*reader.error());
  std::stable_partition(catalogue.entries.begin(), catalogue.entries.end(),
                        [&](const CatalogueEntry& entry) { return entry.name == catalogue.default_name; });
  return catalogue;
}

}  // namespace labctl
