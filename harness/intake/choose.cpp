#include <array>
#include <cctype>
#include <map>
#include <set>

#include "contents.hpp"
#include "intake/submission.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool is_build_file(const std::string& name) {
  return name == "Makefile" || name == "makefile" || name == "GNUmakefile" || name.starts_with("Kbuild") ||
         name == "Kconfig" || name.ends_with(".mk");
}

bool is_built(const std::string& name) {
  static constexpr std::array<const char*, 9> endings = {".o", ".ko",  ".a",         ".so", ".S",
                                                         ".s", ".cmd", ".o_shipped", ".mod"};
  return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return name.ends_with(ending); });
}

class Chooser {
 public:
  Chooser(const Contents& contents, const std::vector<std::string>& sources) : contents_(contents), sources_(sources) {}

  Submission choose() {
    made_.refusals = contents_.refusals;
    refuse_what_no_source_is();
    if (made_.refusals.empty()) find_sources();
    if (made_.refusals.empty()) add_headers();
    if (made_.refusals.empty()) check_texts();
    if (!made_.refusals.empty()) {
      made_.files.clear();
      return std::move(made_);
    }
    note_the_rest();
    std::sort(made_.files.begin(), made_.files.end(),
              [](const SubmittedFile& a, const SubmittedFile& b) { return a.name < b.name; });
    Sha256 sum;
    for (const auto& file : made_.files)
      sum.field(file.name).field(file.bytes);
    made_.digest = sum.hex();
    return std::move(made_);
  }

 private:
  void refuse(std::string why) { made_.refusals.push_back(std::move(why)); }

  void refuse_what_no_source_is() {
    std::map<std::string, std::string> names;  // in small letters
    for (const auto& item : contents_.items) {
      if (item.kind == ItemKind::link)
        refuse(fmt::format("{} is a link: hand in the file itself", labctl::quoted(item.path)));
      if (item.kind == ItemKind::other)
        refuse(fmt::format("{} is not a file: hand in files only", labctl::quoted(item.path)));
      std::string small = item.path;
      for (char& c : small)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      const auto [other, fresh] = names.try_emplace(small, item.path);
      if (!fresh)
        refuse(fmt::format("{} and {} are one file on many systems: rename one", labctl::quoted(other->second),
                           labctl::quoted(item.path)));
    }
  }

  std::vector<std::string> sources_there() const {
    std::vector<std::string> paths;
    for (const auto& item : contents_.items)
      if (item.path.ends_with(".c") && !is_made(item.path)) paths.push_back(item.path);
    return paths;
  }

  void take(const std::string& path, const std::string& name) {
    for (const auto& item : contents_.items)
      if (item.path == path) made_.files.push_back({name, item.bytes, path});
  }

  // Where a source of this name is; nothing, or a refusal, where that is not clear.
  std::optional<std::string> place_of(const std::string& name) {
    std::vector<std::string> places;
    for (const auto& item : contents_.items)
      if (!is_made(item.path) && (item.path == name || item.path.ends_with("/" + name))) places.push_back(item.path);
    if (places.size() == 1 || (!places.empty() && places.front() == name)) return places.front();
    if (places.size() > 1) refuse(fmt::format("there are several {}: {}. Hand in one", name, in_words(places)));
    return std::nullopt;
  }

  void find_sources() {
    const std::vector<std::string> there = sources_there();
    std::vector<std::string> missing;
    std::set<std::string> roots;
    for (const auto& name : sources_) {
      const auto place = place_of(name);
      if (!place) {
        missing.push_back(name);
        continue;
      }
      take(*place, name);
      root_ = place->substr(0, place->size() - name.size());
      roots.insert(root_);
    }
    if (!made_.refusals.empty()) return;
    const auto is_c = [](const std::string& name) { return name.ends_with(".c"); };
    const bool one_c = std::count_if(sources_.begin(), sources_.end(), is_c) == 1;
    if (missing.size() == 1 && is_c(missing.front()) && one_c && there.size() == 1) {
      root_ = folder_of(there.front());
      if (!root_.empty()) root_ += "/";
      take(there.front(), file_name(there.front()));
      made_.notes.push_back(fmt::format("{} was taken for {}", printable(there.front()), missing.front()));
      return;
    }
    if (contents_.items.empty()) return refuse("nothing was handed in");
    if (!missing.empty())
      return refuse(fmt::format("{} {} not there; {}", join(missing, ", "), missing.size() == 1 ? "is" : "are",
                                there.empty() ? "there is no .c file at all" : "the .c files are: " + in_words(there)));
    if (roots.size() > 1) return refuse("the sources are in different folders: put them into one");
    if (!root_.empty()) made_.notes.push_back(fmt::format("the sources were found in {}", printable(root_)));
  }

  void add_headers() {
    for (const auto& item : contents_.items) {
      if (!item.path.ends_with(".h") || is_made(item.path)) continue;
      const bool taken = std::any_of(made_.files.begin(), made_.files.end(),
                                     [&](const SubmittedFile& file) { return file.path == item.path; });
      const std::string folder = folder_of(item.path);
      if (!taken && (folder.empty() ? "" : folder + "/") == root_) take(item.path, file_name(item.path));
    }
  }

  void check_texts() {
    for (const auto& file : made_.files) {
      if (!is_source_file_name(file_name(file.name)))
        refuse(fmt::format("{} cannot be the name of a source: use letters, digits, \".\", \"_\", \"+\" and \"-\"",
                           labctl::quoted(file.name)));
      if (file.bytes.starts_with("\x7f"
                                 "ELF"))
        refuse(fmt::format("{} is a program, not a source", labctl::quoted(file.path)));
      else if (file.bytes.find('\0') != std::string::npos)
        refuse(fmt::format("{} is not text: save it as UTF-8", labctl::quoted(file.path)));
    }
  }

  void note_the_rest() {
    std::vector<std::string> makefiles, built, others;
    for (const auto& item : contents_.items) {
      const bool taken = std::any_of(made_.files.begin(), made_.files.end(),
                                     [&](const SubmittedFile& file) { return file.path == item.path; });
      const std::string name = file_name(item.path);
      if (taken || name == ".DS_Store" || name.starts_with("._")) continue;
      (is_build_file(name)                          ? makefiles
       : is_built(name) || name.ends_with(".mod.c") ? built
                                                    : others)
          .push_back(item.path);
    }
    if (!makefiles.empty())
      made_.notes.push_back("not used, because the lab builds by its own rules: " + in_words(makefiles));
    if (!built.empty()) made_.notes.push_back("not used, because modules are built anew: " + in_words(built));
    if (!others.empty()) made_.notes.push_back("not used, because the lab does not ask for it: " + in_words(others));
  }

  const Contents& contents_;
  const std::vector<std::string>& sources_;
  std::string root_;  // the folder of the sources, with a final '/'; empty: the top
  Submission made_;
};

}  // namespace

Submission choose_sources(const Contents& contents, const std::vector<std::string>& sources) {
  return Chooser(contents, sources).choose();
}

}  // namespace labctl
