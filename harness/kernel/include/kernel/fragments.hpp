// Fragments: what is asked of a kernel, and whether the final .config grants it. NAME.config holds options for Kconfig,
// NAME.make variables for make, such as KASAN_SANITIZE_fair.o=n, NAME.h is a header that such a variable can name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace labctl {

struct Fragment {
  std::string name;  // file name: "base.config"
  std::string text;
};

struct ConfigOption {
  std::string name;      // "CONFIG_SMP"
  std::string value;     // "y", "8", "\"text\""; "n" for "# CONFIG_X is not set"
  std::string fragment;  // the file that asks for it
  int line = 0;
};

struct LostOption {
  ConfigOption wanted;
  std::string became;  // the value it has; empty when the .config does not have it at all
};

// Whether it is a header: for the tree, where gcc finds it as "labctl/NAME.h".
bool is_header(const Fragment& fragment);

// Fault::usage when one cannot be read.
Result<std::vector<Fragment>> read_fragments(const std::filesystem::path& folder,
                                             const std::vector<std::string>& names);

// The options that the fragments ask for, in order; where one option is there several times the last one counts.
// Fault::usage, with file:line, for a line that is neither an option nor a comment.
Result<std::vector<ConfigOption>> requested_options(const std::vector<Fragment>& fragments);

// The variables that they give to make, as "NAME=value", in order.
// Fault::usage, with file:line, for a line that is neither a variable nor a comment.
Result<std::vector<std::string>> make_variables(const std::vector<Fragment>& fragments);

// What goes into the .config.
std::string config_text(const std::vector<Fragment>& fragments);

// Which of the options the final .config does not have as asked for.
std::vector<LostOption> lost_options(const std::vector<ConfigOption>& wanted, std::string_view final_config);

// "CONFIG_KASAN=y (debug.config:8) is not set"
std::string describe(const LostOption& lost);

// The value of an option in a .config: "y", "n" when it is not set or absent.
std::string config_value(std::string_view config, std::string_view name);

}  // namespace labctl
