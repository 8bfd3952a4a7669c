// A spec with every key in it, and ways to look at what the reader says of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "spec/lab_reader.hpp"

namespace labctl::making {

inline const std::string full_spec = R"yaml(lab: full-lab
title: "Everything: all keys"
topic: "Reader / language"
kernel: {min: "5.4", max: "6.1", config: [MODULE_UNLOAD, PROC_FS]}
flavour: debug
cpus: 2
memory: 512M
modules:
  - name: first-mod
    sources: [first.c, sub/helper.c, first.h]
    cflags: [-DDEBUG=1, -Wall]
  - name: second_mod
tests:
  - name: loads and unloads
    points: 3
    hint: Return 0.
    steps:
      - load: first-mod
        params: {freq: 007, label: two words, list: [10, 20]}
      - dmesg: first is here
      - load: second_mod
        expect: {errno: EBUSY}
      - unload: first-mod
        continue: true
        limit: 500ms
  - name: talks
    steps:
      - load: second_mod
      - dmesg: {has: [here, there], lacks: gone, level: warning, since: step}
      - read: /proc/value
        expect: 007
      - read: /proc/table
        expect: {contains: [alpha, beta], lacks: gamma, matches: '(?m)^al(pha|ef)', lines: 12}
      - read: /proc/exact
        expect: {equals: "one\ntwo\n", contains: two, lines: 2}
      - read: /proc/none
        expect: {errno: ENOENT}
      - write: /proc/value
        text: "41\n"
        expect: {bytes: 3}
      - write: /proc/readonly
        text: on
        expect: {errno: EIO}
      - dmesg:
          matches: 'x\d+'
          sequence: [begin, end]
          count: {text: tick, times: 3}
          within: 2s
      - unload: second_mod
        expect: {errno: EWOULDBLOCK}
      - run: grep -c "a  b" '/proc/table' -q
        stdin: "yes\n"
        limit: 2min
        expect: {exit: 1, stdout: {equals: "5"}, stderr: {lacks: usage}}
      - run: [sh, -c, 'kill -SEGV $$']
        expect: {signal: SIGSEGV, stdout: bye}
)yaml";

inline LabReading read(const std::string& text) {
  return parse_lab("lab.yaml", text);
}

// A whole spec around one step, or several, that begin in column 1 of lines of their own.
inline std::string with_steps(const std::string& steps) {
  return "lab: small\nmodules: [{name: mod}]\ntests:\n- name: one\n  steps:\n" + steps + "\n";
}

// Every fault in one line each, for a message that says enough when a test fails.
inline std::string listing(const LabReading& reading) {
  std::string text;
  for (const Diagnostic& fault : reading.diagnostics) {
    text += std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " + fault.message + " (" + fault.hint +
            ")\n";
  }
  return text;
}

// "line:column" of the first place where needle is in text (columns in bytes: keep what is before it ASCII).
inline std::string place_of(const std::string& text, std::string_view needle) {
  const auto at = text.find(needle);
  if (at == std::string::npos) return "nowhere";
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
  const auto begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return std::to_string(line) + ":" + std::to_string(at - begin + 1);
}

inline std::string place_of(const Diagnostic& fault) {
  return std::to_string(fault.line) + ":" + std::to_string(fault.column);
}

}  // namespace labctl::making
