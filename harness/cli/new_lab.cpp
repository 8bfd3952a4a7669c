#include "new_lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// In both templates @NAME@ is the lab's name, and the module's, and @LOGGED@ is the name that the kernel knows the
// module by.
constexpr std::string_view spec_template = R"yaml(# A new lab. It passes as it is:   labctl run @NAME@
#
# Change it and the module, modules/@NAME@/@NAME@.c beside this file, step by step. In between:
#   labctl lab lint @NAME@                      every mistake in this file, without running anything
#   labctl lab show @NAME@                      what labctl makes of this file, in words
#   labctl run @NAME@ --verbose                 what was seen, also where it was right
#   labctl run @NAME@ --module THEIRS           a student's folder, or one .c file, instead of your module
# Each takes --labs FOLDER for labs that are not in labctl's own folder. docs/lab-language.md describes every key.

# The name of this folder.
lab: @NAME@
# Two lines for people: what it is, and where it belongs in your course.
title: A new lab
topic: "Course / chapter"
# The oldest kernel that the module builds on, and the options that it needs, without CONFIG_.
kernel: {min: "5.4", config: [MODULE_UNLOAD, SYSFS]}
# The first is the one that --module replaces. Of more files than one: sources: [one.c, two.c, one.h]
modules:
  - name: @NAME@

# Each test begins in a fresh machine, so it loads what it needs. The first step that fails ends its test.
tests:
  - name: greets when it is loaded
    points: 2
    # Students read the hint when the test fails. Say what to look at, not what to write.
    hint: The init function prints one line with pr_info() and returns 0. pr_fmt puts the module's name in front.
    steps:
      - load: @NAME@
      # The module's name in the log has _ for every -.
      - dmesg: {has: "@LOGGED@: hello 1 of 1", level: info}

  - name: greets as often as it is told
    points: 4
    hint: A module parameter is a static variable. module_param() names it, its type and who may see it in /sys.
    steps:
      - load: @NAME@
        params: {greetings: 3}
      - dmesg: {sequence: ["hello 1 of 3", "hello 3 of 3"]}
      - dmesg: {count: {text: "hello ", times: 3}}
      # A bare text is the whole of the file; its final newline does not count.
      - read: /sys/module/@LOGGED@/parameters/greetings
        expect: "3"

  - name: refuses a number out of range
    points: 2
    hint: Check a parameter before it is used. Init gives a negative error number back, and the load fails with it.
    steps:
      # This step passes when the load fails, and with this error.
      - load: @NAME@
        params: {greetings: -1}
        expect: {errno: EINVAL}
      - dmesg: {has: "greetings is -1", level: err}

  - name: says goodbye and leaves nothing behind
    points: 2
    hint: module_exit() names the function that runs at unload.
    steps:
      - load: @NAME@
      - unload: @NAME@
      - dmesg: {has: "@LOGGED@: goodbye", since: step}
      - read: /proc/modules
        expect: {lacks: @LOGGED@}
)yaml";

constexpr std::string_view module_template = R"c(// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference solution of labs/@NAME@,
 * which labctl judges when no --module is given. It is not for students: they
 * get a copy with gaps, and a hand-out that says what the gaps should hold.
 *
 * Change it together with lab.yaml. A test is worth something when this module
 * passes it and a module with the fault that you have in mind does not: break
 * this one in a copy, and run the copy with --module.
 */

/* In front of every message, so that a test can tell this module's lines. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#define MAX_GREETINGS 10

/* 0444: everybody may read it in /sys, nobody may write it there. */
static int greetings = 1;
module_param(greetings, int, 0444);
MODULE_PARM_DESC(greetings, "how often to greet, from 0 to 10 (default 1)");

/* What is set up here has to be taken down when a later part of it fails. */
static int __init new_lab_init(void)
{
	int i;

	if (greetings < 0 || greetings > MAX_GREETINGS) {
		pr_err("greetings is %d, not from 0 to %d\n", greetings,
		       MAX_GREETINGS);
		return -EINVAL;
	}

	for (i = 1; i <= greetings; i++)
		pr_info("hello %d of %d\n", i, greetings);
	return 0;
}

/* Runs only after an init that returned 0. */
static void __exit new_lab_exit(void)
{
	pr_info("goodbye\n");
}

module_init(new_lab_init);
module_exit(new_lab_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("What your module does, in one line");
/* Without a licence like this one, much of the kernel cannot be used. */
MODULE_LICENSE("GPL");
)c";

std::string filled(std::string_view text, const std::string& name) {
  std::string logged = name;
  std::replace(logged.begin(), logged.end(), '-', '_');
  std::string result(text);
  replace_all(result, "@NAME@", name);
  replace_all(result, "@LOGGED@", logged);
  return result;
}

// The name that was meant, as far as it can be told: "My Lab_2" → "my-lab-2". Empty where nothing is left.
std::string possible_name(const std::string& name) {
  std::string possible;
  for (const char c : name) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower != '-' && is_lab_name(std::string(1, lower)))
      possible += lower;
    else if (!possible.empty() && possible.back() != '-')
      possible += '-';
  }
  constexpr std::size_t short_enough = 40;
  possible.resize(std::min(possible.size(), short_enough));
  if (possible.ends_with('-')) possible.pop_back();
  return possible;
}

Error bad_name(const std::string& name) {
  const std::string possible = possible_name(name);
  return {Fault::usage, fmt::format("{} cannot be the name of a lab", labctl::quoted(name)),
          fmt::format("a to z, 0 to 9 and -, at most 55, not - first, as in: labctl lab new {}",
                      possible.empty() ? "my-lab" : possible)};
}

// A folder that is being filled, which goes again unless all of it could be written.
struct RemoveOnFailure {
  const fs::path& folder;
  bool armed = true;
  ~RemoveOnFailure() {
    std::error_code ignored;
    if (armed) fs::remove_all(folder, ignored);
  }
};

// The path by which a spec in this folder names the schema.
std::string schema_for(const fs::path& folder, const fs::path& schema) {
  if (schema.empty()) return {};
  std::error_code ignored;
  const fs::path from = fs::weakly_canonical(folder, ignored), to = fs::weakly_canonical(schema, ignored);
  const fs::path relative = to.lexically_relative(from);
  // docs/lab.schema.json is in the tree's root, one folder down.
  const fs::path tree = to.parent_path().parent_path();
  const bool inside = from.lexically_relative(tree).native().rfind("..", 0) != 0;
  return (inside ? relative : to).string();
}

}  // namespace

Result<std::vector<LabFile>> new_lab_files(const std::string& name, const std::string& schema) {
  if (!is_lab_name(name)) return fail(bad_name(name));
  std::string spec = filled(spec_template, name);
  // Editors look for this where YAML has a comment; a path that is no plain text would end it.
  if (!schema.empty() && schema == printable(schema)) spec = "# yaml-language-server: $schema=" + schema + "\n" + spec;
  // What is left to be wrong is the name: a module's is shorter than a lab's, and null is no text to YAML.
  if (const auto reading = parse_lab("lab.yaml", spec); !reading.diagnostics.empty())
    return fail(Fault::usage,
                fmt::format("{} cannot be the name of a lab and its module: {}", labctl::quoted(name),
                            reading.diagnostics.front().message),
                "take another name, of at most 55 characters");
  return std::vector<LabFile>{
      {fs::path("modules") / name / (name + ".c"), filled(module_template, name)},
      {"lab.yaml", std::move(spec)},
  };
}

Status make_lab(const std::string& name, const fs::path& labs, const fs::path& schema) {
  auto files = new_lab_files(name, schema_for(labs / name, schema));
  if (!files) return fail(files.error());
  std::error_code error;
  fs::create_directories(labs, error);
  if (error) return system_error("cannot create", labs, error.value());
  const fs::path folder = labs / name;
  // Of two that make the same lab at once, one gets the folder.
  if (!fs::create_directory(folder, error)) {
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(folder, ignored))) return system_error("cannot create", folder, error.value());
    return fail(Fault::usage, fmt::format("{} is there already", printable(folder.string())),
                "take another name, or remove it first");
  }
  RemoveOnFailure guard{folder};
  // lab.yaml, which makes a folder a lab, comes last: one that is not whole is no lab.
  for (const auto& file : *files)
    if (auto written = write_file(folder / file.path, file.bytes); !written) return written;
  guard.armed = false;
  return {};
}

}  // namespace labctl
