// docs/lab.schema.json, which editors read, says what the reader says.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "keys.hpp"
#include "making.hpp"
#include "manual.hpp"
#include "model/device.hpp"
#include "model/leftover.hpp"
#include "model/report_kind.hpp"
#include "names.hpp"
#include "steps.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::UnorderedElementsAreArray;

const fs::path schema_file = fs::path(LABCTL_SOURCE) / "docs" / "lab.schema.json";

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

const json& schema() {
  static const json all = json::parse(content(schema_file));
  return all;
}

std::vector<std::string> properties_of(const std::string& definition) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : schema()["definitions"].at(definition)["properties"].items())
    keys.push_back(key);
  return keys;
}

TEST(Schema, has_the_keys_of_every_map_and_no_other) {
  for (const auto& [map, keys] : spec::all_maps())
    EXPECT_THAT(properties_of(map), UnorderedElementsAreArray(keys)) << map;
}

TEST(Schema, has_the_keys_of_every_step_and_no_other) {
  std::vector<std::string> steps;
  for (const auto& kind : spec::step_kinds()) {
    std::vector<std::string> keys = kind.keys;
    keys.push_back(kind.key);
    keys.insert(keys.end(), spec::common_step_keys().begin(), spec::common_step_keys().end());
    EXPECT_THAT(properties_of("step_" + kind.key), UnorderedElementsAreArray(keys));
    steps.push_back("#/definitions/step_" + kind.key);
  }
  std::vector<std::string> alternatives;
  for (const auto& alternative : schema()["definitions"]["step"]["oneOf"])
    alternatives.push_back(alternative["$ref"]);
  EXPECT_THAT(alternatives, UnorderedElementsAreArray(steps));
}

TEST(Schema, has_every_device_and_no_other) {
  EXPECT_THAT(schema()["definitions"]["lab"]["properties"]["devices"]["items"]["enum"].get<std::vector<std::string>>(),
              UnorderedElementsAreArray(device_names()));
}

TEST(Schema, has_every_kind_of_report_and_no_other) {
  EXPECT_THAT(schema()["definitions"]["report_kind"]["enum"].get<std::vector<std::string>>(),
              UnorderedElementsAreArray(report_kind_names()));
}

TEST(Schema, has_every_kind_of_leftover_and_no_other) {
  std::vector<std::string> kinds;
  for (const auto& kind : leftover_kinds())
    kinds.emplace_back(kind.name);
  const json results = json::parse(content(fs::path(LABCTL_SOURCE) / "docs" / "run-result.schema.json"));
  EXPECT_THAT(results["$defs"]["leftover"]["properties"]["kind"]["enum"].get<std::vector<std::string>>(),
              UnorderedElementsAreArray(kinds));
}

TEST(Schema, has_no_map_that_the_reader_does_not_know) {
  std::set<std::string> known;
  for (const auto& [map, keys] : spec::all_maps())
    known.insert(map);
  for (const auto& kind : spec::step_kinds())
    known.insert("step_" + kind.key);
  for (const auto& [name, definition] : schema()["definitions"].items())
    EXPECT_EQ(definition.contains("properties"), known.contains(name)) << name;
}

// Whatever has properties is closed, and says what each of them is.
void expect_closed_and_described(const json& node, const std::string& where) {
  if (node.is_array())
    for (std::size_t i = 0; i < node.size(); ++i)
      expect_closed_and_described(node[i], where + "/" + std::to_string(i));
  if (!node.is_object()) return;
  if (node.value("type", json()) == "object" && node.contains("properties")) {
    EXPECT_EQ(node.value("additionalProperties", json()), false) << where;
    EXPECT_TRUE(node.contains("description")) << where;
    for (const auto& [key, property] : node["properties"].items())
      EXPECT_FALSE(property.value("description", "").empty()) << where << "/" << key;
  }
  for (const auto& [key, value] : node.items())
    expect_closed_and_described(value, where + "/" + key);
}

TEST(Schema, is_closed_and_describes_every_key) {
  expect_closed_and_described(schema(), "");
}

TEST(Schema, knows_every_errno_and_signal) {
  EXPECT_THAT(schema()["definitions"]["errno"]["enum"].get<std::vector<std::string>>(),
              UnorderedElementsAreArray(spec::errno_names()));
  EXPECT_THAT(schema()["definitions"]["signal"]["enum"].get<std::vector<std::string>>(),
              UnorderedElementsAreArray(spec::signal_names()));
  std::vector<std::string> ending;
  for (const auto& name : spec::signal_names())
    if (spec::signal_ends_program(*spec::signal_by_name(name))) ending.push_back(name);
  EXPECT_THAT(schema()["definitions"]["ending_signal"]["enum"].get<std::vector<std::string>>(),
              UnorderedElementsAreArray(ending));
}

// What a validator says of each spec: "ok", or a fault. Nothing where there is none.
std::optional<std::vector<std::string>> validated(const std::vector<std::string>& specs) {
  const test::TemporaryFolder folder;
  std::string command = std::string("/usr/bin/python3 -B ") + LABCTL_SOURCE +
                        "/harness/tests/unit/spec/validate_lab.py " + schema_file.string();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const fs::path file = folder.path() / (std::to_string(i) + ".yaml");
    std::ofstream(file, std::ios::binary) << specs[i];
    command += " " + file.string();
  }
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    text.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  if (status == 77 << 8) return std::nullopt;
  EXPECT_EQ(status, 0) << text;
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  EXPECT_EQ(lines.size(), specs.size()) << text;
  lines.resize(specs.size());
  return lines;
}

TEST(Schema, takes_every_valid_spec_of_this_repository) {
  std::vector<std::string> specs = {making::full_spec};
  for (const auto& example : manual::examples())
    specs.push_back(example.spec);
  for (const char* folder : {"labs", "harness/tests/fuzz/corpus/lab_spec"})
    for (const auto& item : fs::recursive_directory_iterator(fs::path(LABCTL_SOURCE) / folder))
      if (item.path().filename() == "lab.yaml" || item.path().filename().string().starts_with("valid-"))
        specs.push_back(content(item.path()));
  const auto verdicts = validated(specs);
  if (!verdicts) GTEST_SKIP() << "python3-jsonschema or python3-yaml is not installed";
  for (std::size_t i = 0; i < specs.size(); ++i)
    EXPECT_EQ((*verdicts)[i], "ok") << specs[i];
}

// Each with one fault: before `modules`, or in the steps of a test.
constexpr const char* faults_of_labs[] = {
    "tittle: A lab",
    "title: [a list]",
    "title: \"\"",
    "cpus: 9",
    "cpus: \"2\"",
    "memory: 63M",
    "flavour: fast",
    "flavour: []",
    "flavour: [debug, debug]",
    "cpus: []",
    "cpus: [1, 9]",
    "cpus: [1, 1]",
    "devices: []",
    "devices: [floppy]",
    "devices: [edu, edu]",
    "disk: 2G",
    "disk: 16",
    "kernel: {mni: \"5.4\"}",
    "kernel: {config: [CONFIG_PROC_FS]}",
    "kernel: {config: [VETH=m]}",
    "kernel: {}",
    "leftovers: none",
    "leftovers: {}",
    "leftovers: {flavour: fast}",
    "leftovers: {allow: []}",
    "leftovers: {allow: [{slab: x}]}",
    "leftovers: {allow: [{reason: y}]}",
    "leftovers: {allow: [{slob: x, reason: y}]}",
    "leftovers: {allow: [{slab: x, reason: \"\"}]}",
    "leftovers: {allow: [{slab: [], reason: y}]}",
    "leftovers: {allow: [{proc: counter, reason: y}]}",
    "leftovers: {allow: [{proc: [/proc/x, counter], reason: y}]}",
    "programs: [{name: a program}]",
    "programs: [{name: one, sources: [one.c], code: x}]",
    "programs: [{name: one, sources: [../one.c]}]",
    "values: {1st: x}",
    "values: {n: {integer: [1, 2], letters: 3}}",
    "values: {n: {integer: 5}}",
    "values: {n: {integers: {count: 3}}}",
    "values: {n: {letters: 0}}",
    "values: {n: {word: 3}}",
    "values: {n: \"${m}\"}",
};

constexpr const char* faults_of_steps[] = {
    "- laod: mod",
    "- load: mod\n    ends: crashes",
    "- load: mod\n    ends: killed\n    expect: {errno: EINVAL}",
    "- load: mod\n    ends: hangs\n    background: x\n  - wait: x",
    "- read: /x\n    ends: hangs\n    within: 1s",
    "- run: [true]\n    ends: killed",
    "- load: mod\n    unload: mod",
    "- load: mod\n    parms: {a: 1}",
    "- load: mod\n    expect: {errno: EINVALID}",
    "- load: mod\n    expect: {bytes: 1}",
    "- load: mod\n    continue: 1",
    "- load: mod\n    limit: 5",
    "- load: mod\n    limit: 11min",
    "- load: mod\n    mark: Two Words",
    "- load: mod\n    within: 1s",
    "- load: mod\n    save: x",
    "- build: mod\n    expect: {sparse: -1}",
    "- build: mod\n    expect: {checkpatch: none}",
    "- read: proc/x",
    "- read: /x\n    bytes: 0",
    "- read: /x\n    at: -1",
    "- read: /x\n    expect: {errno: ENOENT, equals: x}",
    "- read: /x\n    expect: {contain: x}",
    "- read: /x\n    expect: {contains: []}",
    "- read: /x\n    expect: {contains: \"\"}",
    "- read: /x\n    expect: {lines: many}",
    "- read: /x\n    expect: {lines: -1}",
    "- read: /x\n    expect: {missing: 1}",
    "- read: /x\n    expect: {sequence: [one]}",
    "- read: /x\n    expect: {hex: abc}",
    "- read: /x\n    expect: {number: many}",
    "- read: /x\n    expect: {number: []}",
    "- read: /x\n    expect: {number: {near: 5}}",
    "- read: /x\n    expect: {number: {of: '(\\d+)'}}",
    "- read: /x\n    expect: {number: {least: 5}}",
    "- read: /x\n    expect: {table: {columns: [a]}}",
    "- read: /x\n    expect: {table: []}",
    "- read: /x\n    expect: {table: {row: {a: b}, absent: true, rows: 1}}",
    "- read: /x\n    expect: {table: {rows: 1, absent: true}}",
    "- read: /x\n    expect: {table: {rows: 1, skip: -1}}",
    "- read: /x\n    expect: {table: {row: {a: b}, cells: {}}}",
    "- read: /x\n    expect: {json: text}",
    "- read: /x\n    save: two words",
    "- read: /x\n    save: round",
    "- read: /x\n    save: {x: no group}",
    "- write: /x",
    "- write: /x\n    text: a\n    hex: \"00\"",
    "- write: /x\n    text: a\n    expect: {bytes: -1}",
    "- stat: /x\n    expect: missing",
    "- stat: /x\n    expect: {type: device}",
    "- stat: /x\n    expect: {mode: rw}",
    "- stat: /x\n    expect: {owner: root}",
    "- stat: /x\n    expect: {major: -1}",
    "- list: dev",
    "- open: /x",
    "- open: /x\n    as: x\n    for: fun",
    "- open: /x\n    as: x\n    flags: [nonblock, fast]",
    "- open: /x\n    as: x\n    expect: {errno: ENOENT}",
    "- open: /x\n    as: x\n  - close: /x",
    "- open: /x\n    as: x\n  - seek: x",
    "- open: /x\n    as: x\n  - seek: x\n    to: 0\n    from: here",
    "- open: /x\n    as: x\n  - poll: x\n    for: input",
    "- open: /x\n    as: x\n  - poll: x\n    expect: {ready: [nothing]}",
    "- open: /x\n    as: x\n  - ioctl: x",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: -1",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: {type: k}",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: {type: kk, number: 1}",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: {type: k, number: \"${1 + 1}\"}",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: {type: k, number: 1, direction: read}",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: 1\n    argument: 1\n    integer: 1",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: 1\n    argument: 1\n    size: 4",
    "- open: /x\n    as: x\n  - ioctl: x\n    request: 1\n    integer: 1\n    size: 3",
    "- run: \"\"",
    "- run: []",
    "- run: x\n    user: root",
    "- run: x\n    cpus: 8",
    "- run: x\n    policy: fifo",
    "- run: x\n    policy: {fifo: 0}",
    "- run: x\n    policy: {fifo: 1, rr: 1}",
    "- run: x\n    nice: 20",
    "- run: x\n    nice: \"${1 + 1}\"",
    "- run: x\n    env: [A]",
    "- run: x\n    expect: {exit: 256}",
    "- run: x\n    expect: {exit: 1, signal: SIGKILL}",
    "- run: x\n    expect: {signal: SIGCHLD}",
    "- run: x\n    expect: {signal: KILL}",
    "- run: x\n    stdin: []",
    "- run: x\n    stdin: [a]",
    "- run: x\n    stdin: [{after: a}]",
    "- run: x\n    stdin: [{after: \"\", text: a}]",
    "- run: x\n    stdin: [{pause: 5, text: a}]",
    "- run: x\n    tty: 1",
    "- run: x\n    tty: true\n    expect: {stderr: a}",
    "- run: x\n    points: -1",
    "- run: x\n    background: x\n    points: 1\n  - wait: x",
    "- sleep: 5",
    "- reboot: now",
    "- reboot:\n    within: 1s",
    "- run: x\n    background: x\n  - wait: x\n    signal: SIGTERM",
    "- run: x\n    background: x\n  - running: x\n    after: soon\n  - wait: x",
    "- run: x\n    background: x\n  - kill: x\n    signal: TERM\n  - wait: x",
    "- run: x\n    mark: x\n  - elapsed: x",
    "- run: x\n    mark: x\n  - elapsed: x\n    expect: {max: 5}",
    "- dmesg: {}",
    "- dmesg: {level: info}",
    "- dmesg: {has: x, level: information}",
    "- dmesg: {has: x, since: start}",
    "- dmesg: {lacks: x, within: 1s}",
    "- dmesg: {count: {text: x}}",
    "- repeat: {times: 0, steps: [{load: mod}]}",
    "- repeat: {times: 2}",
    "- repeat: {times: 2, steps: [{repeat: {times: 2, steps: [{sleep: 1s}]}}]}",
    "- repeat: {times: 2, steps: [{sleep: 1s}]}\n    limit: 1s",
};

// Of whole specs.
const std::string other_faults[] = {
    "modules: [{name: mod}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\n",
    "lab: Small\nmodules: [{name: mod}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, source: [a.c]}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{sources: [a.c]}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, cflags: [DEBUG]}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, folder: a}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, makefile: own}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, tree: a, makefile: mine}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, tree: a, folder: ../b}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, tree: a, folder: b c}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, sources: [../a.c]}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, make: {}}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, make: {CC: clang}}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, make: {KBUILD_X: y}}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, make: {x: y}}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, make: {X: $(Y)}}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, make: {X: \"a\\nb\"}}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, replace: []}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, replace: [{file: a, line: b}]}]\ntests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, replace: [{file: /a, line: b, with: c}]}]\n"
    "tests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod, replace: [{file: a, line: \" \", with: c}]}]\n"
    "tests: [{name: one, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, steps: []}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, points: -1, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, hidden: 1, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, runs: 0, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, cpus: 0, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, flavour: [fast], steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, faults: exit, steps: [{load: mod}]}]\n",
    "lab: small\nmodules: [{name: mod}]\ntests: [{name: one, needs: [], steps: [{load: mod}]}]\n",
};

TEST(Schema, refuses_what_the_reader_refuses) {
  std::vector<std::string> specs(std::begin(other_faults), std::end(other_faults));
  for (const std::string fault : faults_of_labs)
    specs.push_back(fault + "\n" + making::with_steps("  - load: mod"));
  for (const std::string fault : faults_of_steps)
    specs.push_back(making::with_steps("  " + fault));
  for (const auto& spec : specs)
    EXPECT_FALSE(making::read(spec).diagnostics.empty()) << spec;
  const auto verdicts = validated(specs);
  if (!verdicts) GTEST_SKIP() << "python3-jsonschema or python3-yaml is not installed";
  for (std::size_t i = 0; i < specs.size(); ++i)
    EXPECT_NE((*verdicts)[i], "ok") << specs[i];
}

}  // namespace
}  // namespace labctl
