#include "runner/lab_digest.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "kmod/module_source.hpp"
#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

Result<std::string> lab_digest(const Lab& lab, const ModuleFinder& find_module, SpecItself spec) {
  Sha256 sum;
  const fs::path folder = fs::absolute(lab.file).parent_path();
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& item : fs::recursive_directory_iterator(folder, error)) {
    const std::string name = item.path().lexically_relative(folder).string();
    const bool judged_apart = name == "README.md" || name == "mutants.yaml" || name.starts_with("starter/");
    if (name == lab.file.filename() && spec == SpecItself::left_out) continue;
    if (item.is_regular_file(error) && !judged_apart) files.push_back(item.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto digest = sha256_file(file);
    if (!digest) return fail(digest.error());
    sum.field(file.lexically_relative(folder).string()).field(*digest);
  }
  for (std::size_t i = 1; i < lab.modules.size(); ++i) {
    const auto place = find_module(lab, lab.modules[i].name);
    if (!place) continue;  // from a tree, or not there, which the run says
    auto source = collect_sources(lab.modules[i], *place, false);
    if (!source) return fail(source.error());
    for (const auto& file : source->files)
      sum.field(file.name).field(file.bytes);
  }
  return sum.hex();
}

}  // namespace labctl
