// Kernel source tarballs, read through libarchive. A tarball is not trusted: nothing is written outside the folder.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/tree.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// The version of the kernel in a tarball, read as far as its top Makefile. Fault::usage when it is no tarball of a
// kernel, or ends before its Makefile.
Result<std::string> tarball_version(const std::filesystem::path& file, StopToken stop);

// Unpacks what an x86 build needs; the tarball's one top folder becomes `folder`, which exists. Fault::usage for a
// damaged or dangerous tarball, Fault::harness when the disk is full. advance is told bytes of the compressed file.
Status unpack_tarball(const std::filesystem::path& file, const std::filesystem::path& folder, StopToken stop,
                      const Advance& advance = {});

}  // namespace labctl
