#include "kernel/kernel_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "build.hpp"
#include "compiler.hpp"
#include "kernel_keys.hpp"
#include "model/kernel_option.hpp"
#include "source.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr const char* cache_kind = "kernels";
constexpr const char* flavour_release = "release";
constexpr const char* flavour_debug = "debug";
constexpr const char* catalogue_word = "catalogue";

Kernel kernel_at(const std::string& name, const std::string& flavour, const BuiltFlavour& built, fs::path folder) {
  return {{name, built.release, flavour, built.key}, std::move(folder)};
}

// Like a fragment of kernel-config/, the last one.
Fragment fragment_of(const std::vector<std::string>& options) {
  Fragment fragment{"options asked for", ""};
  for (const auto& text : options)
    if (const auto option = kernel_option(text)) fragment.text += option->name + "=" + option->value + "\n";
  return fragment;
}

}  // namespace

Status check_flavour(const std::string& flavour) {
  if (flavour == flavour_release || flavour == flavour_debug) return {};
  return fail(Fault::usage, fmt::format("there is no kernel flavour {}", labctl::quoted(flavour)),
              suggestion(flavour, {flavour_release, flavour_debug}));
}

std::string kernel_key(const std::string& identity, const std::vector<Fragment>& fragments, const std::string& flavour,
                       const std::string& compiler) {
  Sha256 hash;
  hash.field("kernel").field(std::to_string(entry_format)).field(identity).field(flavour).field(compiler);
  for (const auto& fragment : fragments)
    hash.field(fragment.text);
  return hash.hex();
}

std::string KernelStore::Variant::label() const {
  return options.empty() ? flavour : flavour + "+" + join(options, "+");
}

KernelStore::Variant KernelStore::Variant::of_label(const std::string& label) {
  Variant variant;
  std::istringstream words(label);
  std::getline(words, variant.flavour, '+');
  for (std::string option; std::getline(words, option, '+');)
    variant.options.push_back(option);
  return variant;
}

std::string KernelStore::Meaning::version() const {
  if (!source.version.empty()) return source.version;
  return entry->version.empty() ? entry->name : entry->version;
}

Result<KernelStore> KernelStore::open(const Cache& cache, KernelStoreOptions options, Progress& progress,
                                      StopToken stop) {
  auto catalogue = read_catalogue(options.config_folder / "kernels.yaml");
  if (!catalogue) return fail(catalogue.error());
  if (options.jobs <= 0) options.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency())) + 1;
  return KernelStore(cache, std::move(options), std::move(*catalogue), progress, stop);
}

KernelStore::KernelStore(const Cache& cache, KernelStoreOptions options, Catalogue catalogue, Progress& progress,
                         StopToken stop)
    : cache_(&cache),
      options_(std::move(options)),
      catalogue_(std::move(catalogue)),
      progress_(&progress),
      stop_(stop) {}

std::vector<std::string> KernelStore::names() const {
  std::vector<std::string> names;
  for (const auto& entry : catalogue_.entries)
    names.push_back(entry.name);
  for (const auto& name : recorded_names(*cache_))
    if (catalogue_.find(name) == nullptr) names.push_back(name);
  return names;
}

KernelStore::Meaning KernelStore::meaning_of_given(const std::string& name, NamedSource source) const {
  Meaning meaning{name, &catalogue_.nearest_series(source.version), std::move(source)};
  return meaning;
}

Result<KernelStore::Meaning> KernelStore::meaning_of(const std::string& name) const {
  const auto record = is_kernel_name(name) ? read_name_record(*cache_, name) : std::nullopt;
  if (record && record->source.kind != SourceKind::catalogue) return meaning_of_given(name, record->source);
  const CatalogueEntry* entry = catalogue_.find(name);
  if (entry == nullptr)
    return fail(Fault::usage, fmt::format("there is no kernel {}", labctl::quoted(name)),
                suggestion(name, names()) + "; labctl kernel build NAME --source TREE adds one");
  Meaning meaning{name, entry, {}};
  if (record) meaning.source = record->source;
  // A package that has been removed leaves what was built from it.
  if (const std::string stamp = catalogue_stamp(*entry); !stamp.empty() && stamp != meaning.source.stamp) {
    meaning.source = {};
    meaning.source.stamp = stamp;
    meaning.source.version = entry->version;
  }
  return meaning;
}

Result<std::vector<Fragment>> KernelStore::fragments_of(const Meaning& meaning, const Variant& variant) const {
  const bool debug = variant.flavour == flavour_debug;
  auto fragments =
      read_fragments(options_.config_folder, debug ? meaning.entry->debug_fragments : meaning.entry->release_fragments);
  if (fragments && !variant.options.empty()) fragments->push_back(fragment_of(variant.options));
  return fragments;
}

std::optional<Kernel> KernelStore::find(const std::string& name, const Variant& variant) const {
  const auto record = is_kernel_name(name) ? read_name_record(*cache_, name) : std::nullopt;
  if (!record) return std::nullopt;
  const auto built = record->flavours.find(variant.label());
  if (built == record->flavours.end()) return std::nullopt;
  auto meaning = meaning_of(name);
  if (!meaning || meaning->source.identity != record->source.identity) return std::nullopt;
  auto fragments = fragments_of(*meaning, variant);
  auto compiler = find_compiler(*cache_, stop_);
  if (!fragments || !compiler) return std::nullopt;
  const std::string key = kernel_key(record->source.identity, *fragments, variant.flavour, compiler->version);
  if (key != built->second.key) return std::nullopt;
  auto folder = cache_->find(cache_kind, key);
  if (!folder) return std::nullopt;
  return kernel_at(name, variant.flavour, built->second, std::move(*folder));
}

std::vector<KernelListing> KernelStore::list() const {
  std::vector<KernelListing> listings;
  for (const auto& name : names()) {
    auto meaning = meaning_of(name);
    if (!meaning) continue;  // a record of a name that the catalogue no longer has
    std::vector<Variant> variants = {{flavour_release, {}}, {flavour_debug, {}}};
    if (const auto record = read_name_record(*cache_, name))
      for (const auto& [label, built] : record->flavours)
        if (Variant variant = Variant::of_label(label); !variant.options.empty() && find(name, variant))
          variants.push_back(std::move(variant));
    for (const auto& variant : variants) {
      KernelListing listing;
      listing.name = name;
      listing.flavour = variant.flavour;
      listing.options = variant.options;
      listing.description = meaning->of_user() ? describe_source(meaning->source) : describe_source(*meaning->entry);
      listing.built = find(name, variant);
      listing.is_default = name == catalogue_.default_name;
      listings.push_back(std::move(listing));
    }
  }
  return listings;
}

Status KernelStore::have_source(Meaning& meaning, const Variant& variant) {
  if (!meaning.of_user()) {
    auto source = catalogue_source(*cache_, *meaning.entry, *progress_, stop_);
    if (!source) return fail(source.error());
    meaning.source = std::move(*source);
    return {};
  }
  std::error_code ignored;
  if (fs::exists(meaning.source.path, ignored)) return {};
  auto fragments = fragments_of(meaning, variant);
  auto compiler = find_compiler(*cache_, stop_);
  if (fragments && compiler) {
    const auto key = kernel_key(meaning.source.identity, *fragments, variant.flavour, compiler->version);
    if (cache_->find(cache_kind, key)) return {};
  }
  return fail(Fault::usage,
              fmt::format("kernel {} ({}) must be built, and its source {} is gone", meaning.name, variant.label(),
                          meaning.source.path.string()),
              fmt::format("labctl kernel build {0} --source TREE gives it another; --source catalogue: the one of "
                          "kernels.yaml",
                          meaning.name));
}

Result<Kernel> KernelStore::build_meaning(const Meaning& meaning, const Variant& variant) {
  KernelBuild build;
  build.name = meaning.name;
  build.flavour = variant.flavour;
  build.source = meaning.source;
  build.source_text = meaning.of_user() ? describe_source(meaning.source) : describe_source(*meaning.entry);
  build.jobs = options_.jobs;
  auto fragments = fragments_of(meaning, variant);
  if (!fragments) return fail(fragments.error());
  // A slip in a fragment shows before minutes of work.
  if (auto options = requested_options(*fragments); !options) return fail(options.error());
  build.fragments = std::move(*fragments);
  auto compiler = find_compiler(*cache_, stop_);
  if (!compiler) return fail(compiler.error());
  build.compiler = std::move(*compiler);

  const std::string key = kernel_key(build.source.identity, build.fragments, variant.flavour, build.compiler.version);
  auto folder = cache_->get(
      cache_kind, key, [&](const fs::path& fresh) { return build_kernel(*cache_, build, fresh, *progress_, stop_); });
  if (!folder) return fail(folder.error());
  auto facts = read_kernel_facts(*folder);
  if (!facts) return fail(facts.error());
  const BuiltFlavour built{key, facts->release};
  NamedSource source = meaning.source;
  if (!meaning.of_user()) source.version = facts->release;
  if (auto kept = remember_build(*cache_, meaning.name, source, variant.label(), built); !kept)
    return fail(kept.error());
  return kernel_at(meaning.name, variant.flavour, built, std::move(*folder));
}

Result<Kernel> KernelStore::build(const std::string& name, const std::string& flavour,
                                  const std::optional<fs::path>& source) {
  if (auto known = check_flavour(flavour); !known) return fail(known.error());
  if (!is_kernel_name(name))
    return fail(Fault::usage, fmt::format("{} is no name for a kernel", labctl::quoted(name)), kernel_name_rule);
  if (!source) {
    if (auto kernel = find(name, flavour)) return *kernel;
    auto meaning = meaning_of(name);
    if (!meaning) return fail(meaning.error());
    if (auto here = have_source(*meaning, {flavour, {}}); !here) return fail(here.error());
    return build_meaning(*meaning, {flavour, {}});
  }
  if (*source == catalogue_word) {
    const CatalogueEntry* entry = catalogue_.find(name);
    if (entry == nullptr)
      return fail(Fault::usage, fmt::format("kernels.yaml has no kernel {}", labctl::quoted(name)),
                  suggestion(name, names()));
    Meaning meaning{name, entry, {}};
    if (auto here = have_source(meaning, {flavour, {}}); !here) return fail(here.error());
    return build_meaning(meaning, {flavour, {}});
  }
  auto given = given_source(*source, *progress_, stop_);
  if (!given) return fail(given.error());
  return build_meaning(meaning_of_given(name, std::move(*given)), {flavour, {}});
}

namespace {

// Those of the options, all well-formed, that the kernel's configuration does not have.
Result<std::vector<std::string>> options_missing(const Kernel& kernel, const std::vector<std::string>& options) {
  auto config = read_file(kernel.config());
  if (!config) return fail(config.error());
  std::vector<std::string> missing;
  for (const auto& text : options) {
    const auto option = kernel_option(text);
    const std::string has = config_value(*config, option->name);
    const bool set = option->value == "y" ? has != "n" && has != "m" : has == option->value;
    if (!set) missing.push_back(text);
  }
  return missing;
}

// As a variant has its options.
std::vector<std::string> sorted(std::vector<std::string> options) {
  std::sort(options.begin(), options.end());
  options.erase(std::unique(options.begin(), options.end()), options.end());
  return options;
}

}  // namespace

std::optional<Kernel> KernelStore::find(const std::string& name, const std::string& flavour,
                                        const std::vector<std::string>& options) const {
  auto kernel = find(name, Variant{flavour, {}});
  if (!kernel || options.empty()) return kernel;
  auto missing = options_missing(*kernel, options);
  if (!missing) return std::nullopt;
  if (missing->empty()) return kernel;
  return find(name, Variant{flavour, sorted(std::move(*missing))});
}

Result<Kernel> KernelStore::with_options(const Kernel& kernel, const std::vector<std::string>& options) {
  std::map<std::string, std::string> values;
  for (const auto& text : options) {
    const auto option = kernel_option(text);
    if (!option)
      return fail(Fault::usage, fmt::format("{} is no kernel option", labctl::quoted(text)), kernel_option_form);
    const auto [first, added] = values.emplace(option->name, option->value);
    if (!added && first->second != option->value)
      return fail(Fault::usage, fmt::format("{} contradicts {}={}", text, option->name, first->second),
                  "an option has one value");
  }
  auto missing = options_missing(kernel, options);
  if (!missing) return fail(missing.error());
  if (missing->empty()) return kernel;
  const Variant variant{kernel.identity.flavour, sorted(std::move(*missing))};

  const std::string& name = kernel.identity.name;
  // What the kernel had before may have gone with what was added.
  const auto with_all = [&options](Result<Kernel> made) -> Result<Kernel> {
    if (!made) return made;
    auto lost = options_missing(*made, options);
    if (!lost) return fail(lost.error());
    if (lost->empty()) return made;
    return fail(Fault::usage,
                fmt::format("no kernel {} has all of {}: {} is not in what was built with the others",
                            made->identity.release, join(options, ", "), join(*lost, ", ")),
                "options that exclude each other cannot be had together");
  };
  if (auto built = find(name, variant)) return with_all(*built);
  const std::string lacking = fmt::format("kernel {} ({}) does not have {}", kernel.identity.release, variant.flavour,
                                          join(variant.options, ", "));
  auto meaning = meaning_of(name);
  if (!meaning) return fail(meaning.error());
  if (auto here = have_source(*meaning, variant); !here) {
    Error error = here.error();
    if (error.fault == Fault::interrupted) return fail(error);
    return fail(Fault::harness, fmt::format("{}, and one that has cannot be built: {}", lacking, error.message),
                error.hint);
  }
  progress_->note(lacking + ": one that has is built, which takes minutes, and kept");
  return with_all(build_meaning(*meaning, variant));
}

Result<fs::path> KernelStore::fetch(const std::string& name) {
  auto meaning = meaning_of(name);
  if (!meaning) return fail(meaning.error());
  if (meaning->of_user()) {
    std::error_code ignored;
    if (fs::exists(meaning->source.path, ignored)) return meaning->source.path;
    return fail(Fault::usage, fmt::format("the source of kernel {}, {}, is gone", name, meaning->source.path.string()),
                fmt::format("labctl kernel build {} --source TREE gives it another", name));
  }
  return fetch_source(*cache_, *meaning->entry, *progress_, stop_);
}

Result<std::string> KernelStore::requested_config(const std::string& name, const std::string& flavour) const {
  if (auto known = check_flavour(flavour); !known) return fail(known.error());
  auto meaning = meaning_of(name);
  if (!meaning) return fail(meaning.error());
  auto fragments = fragments_of(*meaning, {flavour, {}});
  if (!fragments) return fail(fragments.error());
  std::string text;
  if (const auto kernel = find(name, flavour)) text = fmt::format("# final: {}\n", kernel->config().string());
  for (const auto& fragment : *fragments)
    text += fmt::format("\n### {}\n{}", (options_.config_folder / fragment.name).string(), fragment.text);
  return text;
}

}  // namespace labctl
