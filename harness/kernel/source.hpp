// Where a kernel's source is, what identifies it, and a private copy of it to build in.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/catalogue.hpp"
#include "kernel/names.hpp"
#include "support/cache.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// One line for people: "linux-5.4.302.tar.xz from cdn.kernel.org".
std::string describe_source(const CatalogueEntry& entry);
std::string describe_source(const NamedSource& source);

// Changes when the catalogue's source of this name changes: the pinned hash, or a package's upgrade. Empty when it is
// a package that is not installed. Reads no content.
std::string catalogue_stamp(const CatalogueEntry& entry);

// Whether fetch_source() needs no network.
bool source_is_here(const Cache& cache, const CatalogueEntry& entry);

// The catalogue's tarball, here and verified. Fault::harness with the reason when it cannot be had.
Result<std::filesystem::path> fetch_source(const Cache& cache, const CatalogueEntry& entry, Progress& progress,
                                           StopToken stop);

// The same, described for a build.
Result<NamedSource> catalogue_source(const Cache& cache, const CatalogueEntry& entry, Progress& progress,
                                     StopToken stop);

// A folder or tarball that the user gave. Fault::usage when it is no kernel.
Result<NamedSource> given_source(const std::filesystem::path& path, Progress& progress, StopToken stop);

// Puts a private, clean copy of the source into a folder that exists. Fault::usage when it is no longer what
// source.identity says.
Status stage_source(const NamedSource& source, const std::filesystem::path& folder, Progress& progress, StopToken stop);

}  // namespace labctl
