// SHA-256, the only hash in labctl: for pinned downloads and as the key of everything in the cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace labctl {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& update(std::string_view bytes);
  // Adds the length, then the bytes, so that ("ab", "c") and ("a", "bc") differ. Use it for keys of several parts.
  Sha256& field(std::string_view bytes);
  // 64 lower-case hexadecimal digits. Ends the computation.
  std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string sha256_hex(std::string_view bytes);
Result<std::string> sha256_file(const std::filesystem::path& file);

}  // namespace labctl
