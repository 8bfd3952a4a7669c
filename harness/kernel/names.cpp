#include "kernel/names.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t max_record_bytes = 1 << 20;

fs::path names_folder(const Cache& cache) {
  return cache.root() / "kernels" / "names";
}

std::string kind_name(SourceKind kind) {
  switch (kind) {
    case SourceKind::catalogue: return "catalogue";
    case SourceKind::folder: return "folder";
    case SourceKind::tarball: return "tarball";
  }
  return "catalogue";
}

json to_json(const NameRecord& record) {
  json flavours = json::object();
  for (const auto& [flavour, built] : record.flavours)
    flavours[flavour] = {{"key", built.key}, {"release", built.release}};
  const NamedSource& source = record.source;
  return {{"source",
           {{"kind", kind_name(source.kind)},
            {"path", source.path.string()},
            {"identity", source.identity},
            {"stamp", source.stamp},
            {"version", source.version}}},
          {"flavours", flavours}};
}

NameRecord from_json(const json& value) {
  NameRecord record;
  const json& source = value.at("source");
  const std::string kind = source.at("kind");
  record.source.kind = kind == "folder"    ? SourceKind::folder
                       : kind == "tarball" ? SourceKind::tarball
                                           : SourceKind::catalogue;
  record.source.path = source.at("path").get<std::string>();
  record.source.identity = source.at("identity");
  record.source.stamp = source.at("stamp");
  record.source.version = source.at("version");
  for (const auto& [flavour, built] : value.at("flavours").items())
    record.flavours[flavour] = {built.at("key"), built.at("release")};
  return record;
}

}  // namespace

bool is_kernel_name(const std::string& name) {
  if (name.empty() || name.size() > 64 || name[0] == '.' || name[0] == '-') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '+' || c == '-';
  });
}

std::optional<NameRecord> read_name_record(const Cache& cache, const std::string& name) {
  auto bytes = read_file(names_folder(cache) / (name + ".json"), max_record_bytes);
  if (!bytes) return std::nullopt;
  try {
    return from_json(json::parse(*bytes));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

Status remember_build(const Cache& cache, const std::string& name, const NamedSource& source,
                      const std::string& flavour, const BuiltFlavour& built) {
  // Two flavours may be built at once: each must find the other's line.
  auto lock = FileLock::acquire(cache.root() / "locks" / ("kernel-name-" + name));
  if (!lock) return fail(lock.error());
  NameRecord record = read_name_record(cache, name).value_or(NameRecord{});
  if (record.source.kind != source.kind || record.source.identity != source.identity) record.flavours.clear();
  record.source = source;
  record.flavours[flavour] = built;
  const std::string text = to_json(record).dump(2, ' ', false, json::error_handler_t::replace);
  return write_file(names_folder(cache) / (name + ".json"), text + "\n");
}

std::vector<std::string> recorded_names(const Cache& cache) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(names_folder(cache), ignored))
    if (item.path().extension() == ".json") names.push_back(item.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace labctl
