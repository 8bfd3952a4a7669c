// What the pages of grades share. Inside report/ only.
#pragma once

#include <string>
#include <string_view>

namespace labctl::report {

// Text of unknown origin, for between tags and in quoted attributes.
std::string html(std::string_view text);

// The colours and letters of all pages, for <style>.
extern const char* const page_style;

}  // namespace labctl::report
