#include "yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace labctl::spec {
namespace {

// Ends the parse from within an event; the fault has been added.
struct Stop {};

constexpr const char* no_anchors = "write the value again: a lab spec has no anchors, aliases and tags";

// yaml-cpp builds no tree here, only events: a tree of its own would take duplicate keys without a word, and its
// recursion goes far deeper than ours.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Faults& faults) : source_(source), faults_(faults) {}

  bool has_root() const { return has_root_; }
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    // Beyond the first document yaml-cpp may go round for ever (a line of "," is enough): always stop.
    const std::size_t at = source_.offset(mark.line, mark.column);
    const bool marker = source_.text().substr(at).starts_with("---");
    const bool after_end = source_.text().substr(0, at).find("\n...") != std::string_view::npos;
    if (marker || after_end) {
      faults_.add(where(mark), "a second document in the file", "a lab is one document: put it in a file of its own");
    } else {
      faults_.add(where(mark), "this does not belong to what is above it", "check the indentation");
    }
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = begin(mark, "?", anchor);
    const bool written = source_.text().substr(node.offset).starts_with('~');
    if (!written && !stack_.empty()) {
      const Frame& parent = stack_.back();
      node.position = parent.key ? parent.key->position : parent.node.position;
    }
    if (node.kind != YamlNode::Kind::refused) node.kind = YamlNode::Kind::null;
    attach(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    count(mark);
    faults_.add(where(mark), "an alias", no_anchors);
    YamlNode node;
    node.kind = YamlNode::Kind::refused;
    node.position = where(mark);
    attach(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = begin(mark, tag, anchor);
    node.plain = tag == "?";
    node.text = value;
    if (node.kind != YamlNode::Kind::refused) node.kind = YamlNode::Kind::scalar;
    if (!ends(node.offset)) {
      faults_.add(node.position, "this quoted text has no end", "close the quotes");
      throw Stop{};
    }
    attach(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    push(mark, tag, anchor, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { pop(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    push(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { pop(); }

 private:
  struct Key {
    std::string text;
    Position position;
    bool dropped = false;  // its value is read but not kept
  };
  struct Frame {
    YamlNode node;
    bool refused = false;
    std::optional<Key> key;                     // of a map, once its key is read
    std::unordered_map<std::string, int> keys;  // and the line of each
  };

  Position where(const YAML::Mark& mark) const { return source_.position(mark.line, mark.column); }

  void count(const YAML::Mark& mark) {
    if (++nodes_ <= max_nodes) return;
    faults_.add(where(mark), fmt::format("more than {} values in one spec", max_nodes), "split the lab");
    throw Stop{};
  }

  // A node of which only kind (refused or null), position and offset are set.
  YamlNode begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    count(mark);
    YamlNode node;
    node.position = where(mark);
    node.offset = source_.offset(mark.line, mark.column);
    if (anchor != YAML::NullAnchor) {
      faults_.add(node.position, "an anchor", no_anchors);
      node.kind = YamlNode::Kind::refused;
    } else if (!tag.empty() && tag != "?" && tag != "!") {
      faults_.add(node.position, "the tag " + shown(tag), no_anchors);
      node.kind = YamlNode::Kind::refused;
    }
    return node;
  }

  void push(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    Frame frame;
    frame.node = begin(mark, tag, anchor);
    frame.refused = frame.node.kind == YamlNode::Kind::refused;
    frame.node.kind = kind;
    if (stack_.size() >= max_depth) {
      faults_.add(frame.node.position, fmt::format("nested more than {} levels deep", max_depth),
                  "a lab needs no more than 8");
      throw Stop{};
    }
    stack_.push_back(std::move(frame));
  }

  void pop() {
    YamlNode node = std::move(stack_.back().node);
    if (stack_.back().refused) node.kind = YamlNode::Kind::refused;
    stack_.pop_back();
    attach(std::move(node));
  }

  void attach(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      has_root_ = true;
      return;
    }
    Frame& parent = stack_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = key_of(parent, std::move(node));
    } else {
      if (!parent.key->dropped) {
        parent.node.entries.push_back({std::move(parent.key->text), parent.key->position, std::move(node)});
      }
      parent.key.reset();
    }
  }

  Key key_of(Frame& parent, YamlNode node) {
    Key key{std::move(node.text), node.position};
    if (node.kind != YamlNode::Kind::scalar) {
      if (node.kind != YamlNode::Kind::refused) faults_.add(node.position, "a key must be a plain word");
      key.dropped = true;
    } else if (auto [first, added] = parent.keys.emplace(key.text, key.position.line); !added) {
      faults_.add(node.position, fmt::format("the key {} is here a second time", shown(key.text)),
                  fmt::format("the first is in line {}", first->second));
      key.dropped = true;
    }
    return key;
  }

  // Whether a quoted scalar has its closing quote: yaml-cpp takes the end of the file for it.
  bool ends(std::size_t offset) const {
    const std::string_view text = source_.text();
    if (offset >= text.size() || (text[offset] != '"' && text[offset] != '\'')) return true;
    const char quote = text[offset];
    for (std::size_t i = offset + 1; i < text.size(); ++i) {
      if (quote == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return true;
        ++i;
      }
    }
    return false;
  }

  const SourceText& source_;
  Faults& faults_;
  std::vector<Frame> stack_;
  YamlNode root_;
  bool has_root_ = false;
  int documents_ = 0;
  int nodes_ = 0;
};

struct Explanation {
  std::string_view said;  // how yaml-cpp's message begins
  std::string_view message;
  std::string_view hint;
};

const Explanation explanations[] = {
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "tab in the indentation", "YAML is indented with blanks only"},
    {YAML::ErrorMsg::INVALID_ESCAPE, "an escape that YAML does not know, in double quotes",
     "single quotes take a backslash as it is: '\\d+'"},
    {YAML::ErrorMsg::INVALID_HEX, "a bad hexadecimal escape in double quotes", "as in \"\\x1b\""},
    {YAML::ErrorMsg::INVALID_UNICODE, "an escape that is no character", ""},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "this quoted text has no end", "close the quotes"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a document marker inside quoted text", "close the quotes before it"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "\"{\" without its \"}\", or a comma is missing before this", ""},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "\"[\" without its \"]\", or a comma is missing before this", ""},
    {YAML::ErrorMsg::END_OF_MAP, "this does not continue the map above it",
     "keys of one map begin in the same column; nothing follows a closing quote or bracket"},
    {YAML::ErrorMsg::END_OF_SEQ, "this does not continue the list above it",
     "items of one list begin with \"- \" in the same column"},
    {YAML::ErrorMsg::FLOW_END, "no open bracket fits this closing one", ""},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a list item cannot begin here",
     "begin \"- \" on a line of its own; close { and [ before it"},
    {YAML::ErrorMsg::MAP_KEY, "a key cannot begin here", "check the indentation"},
    {YAML::ErrorMsg::MAP_VALUE, "\":\" cannot be here", "check the indentation; text that holds \": \" needs quotes"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "text cannot begin with this character", "put the text in quotes"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "text after | or >", "the text begins on the next line"},
    {YAML::ErrorMsg::ZERO_INDENT_IN_BLOCK, "a block of text cannot be indented by 0", ""},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "an alias", no_anchors},
    {YAML::ErrorMsg::MULTIPLE_ANCHORS, "an anchor", no_anchors},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "an anchor without a name", "text that begins with & needs quotes"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "an alias without a name", "text that begins with * needs quotes"},
    {YAML::ErrorMsg::CHAR_IN_ALIAS, "an alias with a bad name", "text that begins with * needs quotes"},
    {YAML::ErrorMsg::CHAR_IN_ANCHOR, "an anchor with a bad name", "text that begins with & needs quotes"},
};

void add_syntax_fault(const YAML::Exception& exception, const SourceText& source, Faults& faults) {
  Position position = exception.mark.is_null() ? source.position(static_cast<int>(source.line_count()), 0)
                                               : source.position(exception.mark.line, exception.mark.column);
  for (const Explanation& explanation : explanations) {
    if (std::string_view(exception.msg).starts_with(explanation.said)) {
      // The mark is behind the escape; the backslash is what is to be changed.
      if (explanation.said == YAML::ErrorMsg::INVALID_ESCAPE) position.column = std::max(position.column - 2, 1);
      faults.add(position, std::string(explanation.message), std::string(explanation.hint));
      return;
    }
  }
  faults.add(position, "not valid YAML: " + shown(exception.msg));
}

}  // namespace

const YamlEntry* YamlNode::find_entry(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const YamlEntry* entry = find_entry(key);
  return entry != nullptr ? &entry->value : nullptr;
}

std::optional<YamlNode> read_yaml(const SourceText& source, Faults& faults) {
  TreeBuilder builder(source, faults);
  try {
    std::istringstream stream{std::string(source.text())};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    if (builder.has_root()) return builder.take_root();
    return YamlNode{};
  } catch (const Stop&) {
  } catch (const YAML::Exception& exception) {
    add_syntax_fault(exception, source, faults);
  } catch (const std::exception& exception) {
    faults.add({}, "the YAML parser gave up: " + shown(exception.what()));
  }
  return std::nullopt;
}

}  // namespace labctl::spec
