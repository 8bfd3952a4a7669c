// What is in a folder or an archive that a student handed in. Nothing is written to disk, and nothing of it is trusted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

enum class ItemKind { file, link, other };  // folders are not told; other: a device, a pipe, a socket

struct Item {
  std::string path;  // as the student has it, with '/', relative to what was handed in
  ItemKind kind = ItemKind::file;
  std::string bytes;  // of a .c or .h that may be looked at; empty otherwise
};

struct Contents {
  std::vector<Item> items;            // sorted by path
  std::vector<std::string> refusals;  // why nothing of it is taken, in plain words
};

struct IntakeLimits {
  std::size_t items = 2'000;
  std::uint64_t source_bytes = 1ULL << 20;     // one .c or .h
  std::uint64_t all_bytes = 4ULL << 20;        // all .c and .h together
  std::uint64_t unpacked_bytes = 64ULL << 20;  // of an archive, whatever is in it
  std::uint64_t ratio = 200;                   // unpacked to packed; asked once 1 MiB is unpacked
};

// Whether its name says that it is an archive that read_archive() knows: .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz,
// .tar.zst, in capitals too.
bool is_archive_name(const std::string& name);

// A file alone is a folder with that file in it. Version control's folders are not entered. Fault::harness where the
// host cannot read it.
Result<Contents> read_folder(const std::filesystem::path& folder, const IntakeLimits& limits, StopToken stop);

// A damaged archive is refused, not an error.
Result<Contents> read_archive(const std::filesystem::path& file, const IntakeLimits& limits, StopToken stop);

}  // namespace labctl
