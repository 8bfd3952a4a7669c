#include "style.hpp"

namespace labctl::report {
namespace {

// SGR parameters (ECMA-48). Only the eight basic colours: they follow the user's own palette.
std::string_view sgr(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::strong: return "1";
    case Tone::dim: return "2";
    case Tone::good: return "32";
    case Tone::bad: return "31";
    case Tone::fault: return "35";
    case Tone::note: return "36";
  }
  return "";
}

}  // namespace

std::string Style::paint(Tone tone, std::string_view text) const {
  const std::string_view code = sgr(tone);
  if (!color_ || code.empty() || text.empty()) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

}  // namespace labctl::report
