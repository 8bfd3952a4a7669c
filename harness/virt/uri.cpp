#include "virt/uri.hpp"

#include <fmt/format.h>

#include <string_view>

#include "support/text.hpp"

namespace labctl {

namespace {

constexpr const char* examples = "for example qemu:///embed?root=/FOLDER, qemu:///session or qemu+ssh://HOST/system";
// libvirt makes sockets 56 characters below it ("/lib/qemu/domain-ID-NAME/monitor.sock"), and a socket's path has at
// most 107 (unix(7)).
constexpr std::size_t longest_root = 50;

std::string unescaped(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto item = query.substr(0, end);
    if (item.size() > name.size() && item.starts_with(name) && item[name.size()] == '=')
      return unescaped(item.substr(name.size() + 1));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

Status check_root(const LibvirtUri& uri) {
  const std::string root = uri.root.string();
  if (root.empty())
    return fail(Fault::usage, fmt::format("{} names no folder", labctl::quoted(uri.text)),
                "qemu:///embed?root=/FOLDER");
  if (!uri.root.is_absolute())
    return fail(Fault::usage, fmt::format("root={} is not an absolute path", printable(root)),
                "qemu:///embed?root=/FOLDER");
  if (root.size() > longest_root)
    return fail(Fault::usage,
                fmt::format("root={} has {} characters, and sockets below it would have no room in their names",
                            printable(root), root.size()),
                fmt::format("a folder with at most {} characters, for example below /var/tmp", longest_root));
  return {};
}

}  // namespace

Result<LibvirtUri> parse_libvirt_uri(const std::string& text) {
  const auto bad = [&text](const std::string& why) {
    return fail(Fault::usage, fmt::format("{} is no URI for --connect: {}", labctl::quoted(text), why), examples);
  };
  const std::string_view whole = text;
  const auto colon = whole.find("://");
  if (colon == std::string_view::npos) return bad("there is no \"://\" in it");
  LibvirtUri uri;
  uri.text = text;
  const std::string_view scheme = whole.substr(0, colon);
  uri.driver = std::string(scheme.substr(0, scheme.find('+')));
  if (uri.driver != "qemu" && uri.driver != "test") return bad("labs run on libvirt's qemu driver");
  std::string_view rest = whole.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  std::string_view query;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  uri.host = std::string(rest.substr(0, slash));
  uri.path = std::string(rest.substr(slash));
  if (uri.driver == "qemu" && uri.path != "/embed" && uri.path != "/session" && uri.path != "/system")
    return bad("its path is none of /embed, /session, /system");
  if (uri.is_embedded()) {
    uri.root = parameter(query, "root");
    if (auto good = check_root(uri); !good) return fail(good.error());
  }
  return uri;
}

}  // namespace labctl
