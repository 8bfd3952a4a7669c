// Kernels by name and flavour: where their source comes from, how they are configured and built, where they are kept.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel/catalogue.hpp"
#include "kernel/fragments.hpp"
#include "kernel/kernel.hpp"
#include "kernel/names.hpp"
#include "support/cache.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct KernelStoreOptions {
  std::filesystem::path config_folder;  // kernel-config/
  int jobs = 0;                         // 0: one more than the cores
};

struct KernelListing {
  std::string name;
  std::string flavour;
  std::vector<std::string> options;  // that it has besides the flavour's, as in kernel_option.hpp
  std::string description;           // where its source comes from, one line
  std::optional<Kernel> built;       // when it is in the cache and current
  bool is_default = false;
};

class KernelStore {
 public:
  static Result<KernelStore> open(const Cache& cache, KernelStoreOptions options, Progress& progress, StopToken stop);

  std::vector<KernelListing> list() const;

  // The kernel if it is in the cache and current; never builds, never uses the network, takes a few milliseconds.
  // options: that it must have besides, as for with_options().
  std::optional<Kernel> find(const std::string& name, const std::string& flavour,
                             const std::vector<std::string>& options = {}) const;

  // For a run: name given by the user (no fallback), or empty for the default with fallback, said in one
  // progress.note() line. accepts tells whether a version suits the lab. Builds what is missing.
  Result<Kernel> obtain(const std::string& name, const std::string& flavour,
                        const std::function<bool(const std::string& version)>& accepts);

  // Builds (or finds) a kernel. source: a tree or tarball that the name means from now on; "catalogue" (not a path):
  // what kernels.yaml says, again; empty: what the name means already. That stays what was built from a folder even
  // when the folder changes or goes; only a build that is not in the cache needs it again.
  // Fault::usage: no such name, flavour or source, a config option that cannot be had. Fault::harness: no source, no
  // compiler, or the kernel does not compile.
  Result<Kernel> build(const std::string& name, const std::string& flavour,
                       const std::optional<std::filesystem::path>& source);

  // The same kernel with further options (model/kernel_option.hpp) where it does not have them all: built, from the
  // source that it was built from, and said in a progress.note() line, or found. Fault::usage: an option that this
  // kernel cannot have, with what it depends on; Fault::harness as for build().
  Result<Kernel> with_options(const Kernel& kernel, const std::vector<std::string>& options);

  // Makes sure that the source is here and verified. Returns where it is. Always tries, whatever failed before.
  Result<std::filesystem::path> fetch(const std::string& name);

  // The requested options, fragment by fragment, as text for the user; and, if built, the path of the final .config
  // in the first line.
  Result<std::string> requested_config(const std::string& name, const std::string& flavour) const;

 private:
  // What is built of a name.
  struct Variant {
    std::string flavour;
    std::vector<std::string> options;  // besides the flavour's, sorted
    // What a name's record calls it: "release", "release+DUMMY+VETH".
    std::string label() const;
    static Variant of_label(const std::string& label);
  };
  // What a name means now.
  struct Meaning {
    std::string name;
    const CatalogueEntry* entry = nullptr;  // whose fragments it takes
    NamedSource source;                     // of the user's, or the catalogue's as far as it is known
    bool of_user() const { return source.kind != SourceKind::catalogue; }
    std::string version() const;  // as exact as it is known without reading the source
  };

  KernelStore(const Cache& cache, KernelStoreOptions options, Catalogue catalogue, Progress& progress, StopToken stop);

  std::vector<std::string> names() const;
  Result<Meaning> meaning_of(const std::string& name) const;
  Meaning meaning_of_given(const std::string& name, NamedSource source) const;
  Result<std::vector<Fragment>> fragments_of(const Meaning& meaning, const Variant& variant) const;
  std::optional<Kernel> find(const std::string& name, const Variant& variant) const;
  // Makes meaning.source complete: downloads, or checks that the user's is still there.
  Status have_source(Meaning& meaning, const Variant& variant);
  Result<Kernel> build_meaning(const Meaning& meaning, const Variant& variant);
  Result<Kernel> obtain_named(const std::string& name, const std::string& flavour,
                              const std::function<bool(const std::string& version)>& accepts);
  Result<Kernel> obtain_default(const std::string& flavour,
                                const std::function<bool(const std::string& version)>& accepts);

  const Cache* cache_;
  KernelStoreOptions options_;
  Catalogue catalogue_;
  Progress* progress_;
  StopToken stop_;
};

}  // namespace labctl
