#include "spec/mutants_reader.hpp"

#include <algorithm>
#include <system_error>

#include "module_specs.hpp"
#include "small_file.hpp"
#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "values.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

using namespace spec;

constexpr std::uint64_t most_bytes = 1 << 20;

class MutantsReader {
 public:
  MutantsReader(Context& context, const Lab& lab) : context_(context), lab_(lab) {
    for (const auto& test : lab.tests)
      tests_.push_back(test.name);
  }

  MutantList read(const YamlNode& root) {
    MutantList list;
    if (!check_map(context_, root, "the list of mutants", "mutants")) return list;
    if (const auto* mutants = root.find("mutants"); mutants != nullptr && check_list(context_, *mutants, "mutants"))
      for (const auto& item : mutants->items)
        read_mutant(item, list);
    if (const auto* spared = root.find("spared"); spared != nullptr && check_list(context_, *spared, "spared"))
      for (const auto& item : spared->items)
        read_spared(item, list);
    return list;
  }

 private:
  std::string sentence(const YamlNode& map, const char* key, const char* of, const char* example) {
    const auto* node = required(context_, map, key, of, example);
    return node == nullptr ? std::string() : text_value(context_, *node, key).value_or("");
  }

  void read_mutant(const YamlNode& node, MutantList& list) {
    if (!check_map(context_, node, "a mutant", "mutant")) return;
    WrittenMutant mutant;
    mutant.where = context_.location(node.position);
    if (const auto* name = required(context_, node, "name", "a mutant", "- name: no-range-check")) {
      mutant.name = line_value(context_, *name, "name").value_or("");
      const bool again = std::any_of(list.written.begin(), list.written.end(),
                                     [&](const WrittenMutant& other) { return other.name == mutant.name; });
      if (!mutant.name.empty() && !is_lab_name(mutant.name))
        context_.faults.add(name->position, shown(mutant.name) + " is no name of a mutant",
                            "a to z, 0 to 9 and -, at most 64, not - first");
      else if (again)
        context_.faults.add(name->position, "a second mutant " + shown(mutant.name));
    }
    mutant.about = sentence(node, "about", "a mutant", "about: Takes 0, which is out of range.");
    if (const auto* edits = required(context_, node, "replace", "a mutant", "replace: [{line: ..., with: ...}]");
        edits != nullptr && check_list(context_, *edits, "replace"))
      for (const auto& item : edits->items)
        if (auto edit = parse_replacement(context_, item, lab_.modules.front(), lab_.modules.front().sources.front()))
          mutant.replace.push_back(std::move(*edit));
    if (const auto* kills = required(context_, node, "kills", "a mutant", "kills: [{test: ..., because: ...}]");
        kills != nullptr && check_list(context_, *kills, "kills"))
      for (const auto& item : kills->items)
        read_kill(item, mutant);
    list.written.push_back(std::move(mutant));
  }

  void read_kill(const YamlNode& node, WrittenMutant& mutant) {
    if (!check_map(context_, node, "a test that must fail", "kill")) return;
    ExpectedKill kill;
    kill.where = context_.location(node.position);
    if (const auto* test = required(context_, node, "test", "a test that must fail", "{test: NAME, because: TEXT}")) {
      kill.test = line_value(context_, *test, "test").value_or("");
      if (!kill.test.empty() && std::find(tests_.begin(), tests_.end(), kill.test) == tests_.end())
        context_.faults.add(test->position, "the lab has no test " + shown(kill.test),
                            context_.faults.names_hint(kill.test, tests_));
    }
    kill.because = sentence(node, "because", "a test that must fail", "because: a part of what the failed check says");
    mutant.kills.push_back(std::move(kill));
  }

  void read_spared(const YamlNode& node, MutantList& list) {
    if (!check_map(context_, node, "a spared mutant", "spared")) return;
    SparedMutant spared;
    spared.where = context_.location(node.position);
    spared.mutant = sentence(node, "mutant", "a spared mutant", "- mutant: the name that labctl lab check gives it");
    spared.because = sentence(node, "because", "a spared mutant", "because: why it need not be found");
    list.spared.push_back(std::move(spared));
  }

  Context& context_;
  const Lab& lab_;
  std::vector<std::string> tests_;
};

}  // namespace

Result<MutantList> parse_mutants(const Lab& lab, const fs::path& file, const std::string& text) {
  MutantList list;
  const auto read = [&](Context& context, const YamlNode& root) { list = MutantsReader(context, lab).read(root); };
  if (auto good = read_small_file(file, text, "docs/labs.md", read); !good) return fail(good.error());
  return list;
}

Result<MutantList> read_mutants(const Lab& lab) {
  const fs::path file = lab.file.parent_path() / "mutants.yaml";
  std::error_code error;
  if (!fs::exists(file, error)) return MutantList{};
  auto text = read_file(file, most_bytes);
  if (!text) return fail(text.error());
  return parse_mutants(lab, file, *text);
}

}  // namespace labctl
