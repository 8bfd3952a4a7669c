#include "grade_page_parts.hpp"

#include "support/text.hpp"

namespace labctl::report {

std::string html(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

const char* const page_style = R"css(
:root { color-scheme: light dark; --back: #fff; --text: #1d2330; --dim: #667085; --line: #dfe3ea; --panel: #f6f7f9;
        --good: #18794e; --bad: #c62a2f; --warn: #ad5700; --mark: #3358d4; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171d; --text: #e6e9ef; --dim: #97a1b3; --line: #2c323d; --panel: #1c2028;
          --good: #4cc38a; --bad: #ff6369; --warn: #f1a10d; --mark: #849dff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--back); color: var(--text);
       font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
p { margin: .3rem 0; }
.dim { color: var(--dim); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem;
      overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
a { color: var(--mark); text-decoration: none; } a:hover { text-decoration: underline; }
)css";

}  // namespace labctl::report
