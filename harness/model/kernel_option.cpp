#include "model/kernel_option.hpp"

#include <algorithm>

#include "model/lab.hpp"

namespace labctl {

namespace {

bool is_word(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<KernelOption> kernel_option(std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (!is_word(name, "_") || name.starts_with("CONFIG_")) return std::nullopt;
  KernelOption option{"CONFIG_" + std::string(name), "y"};
  if (equals == std::string_view::npos) return option;
  const std::string_view value = text.substr(equals + 1);
  if (!is_word(value, "_-./") || value == "y" || value == "m" || value == "n") return std::nullopt;
  option.value = whole_number(value) ? std::string(value) : "\"" + std::string(value) + "\"";
  return option;
}

}  // namespace labctl
