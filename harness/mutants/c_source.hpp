// What can be changed in a C source, found by its look: functions, and in them statements and calls that take locks. It
// reads the kernel's coding style (a function's braces are in the first column), not all of C. What it does not
// understand it leaves out, and nothing is ever changed but what it found. Pure. Inside mutants/ only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace labctl {

// A part of the source, in bytes.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// An expression and its semicolon: a call, an assignment, ++ or --. No declaration, no return.
struct CStatement {
  Range range;
  std::string text;    // in one line
  int line = 0;        // from 1
  std::string called;  // "kfree" of `kfree(x);`; empty: it is no mere call
  bool after_label = false;
};

// A call that takes or gives back a lock, or keeps interrupts or preemption away.
struct CLockCall {
  Range range;
  std::string text;
  int line = 0;
  const char* instead =
      "";  // what has the same value where the lock is free: "0", "1", or nothing where none is asked for
};

struct CFunction {
  enum class Returns { nothing, integer, pointer, flag };  // flag: 0 is no error, as of bool, irqreturn_t, __poll_t

  std::string name;
  int line = 0;
  Range body;  // between the braces
  Returns returns = Returns::nothing;
  std::string length;  // the parameter that says how much is to be taken, of who is given data; else empty
  bool init = false;   // __init
  bool exit = false;   // __exit
  std::vector<CStatement> statements;
  std::vector<CLockCall> locks;
};

struct CSource {
  std::string code;  // the source with blanks for comments, strings' contents and preprocessor lines; as long as it
  std::vector<CFunction> functions;
};

CSource read_c(std::string_view source);

// How often the name is followed by "(" in code, as in a call, a definition or a declaration.
int count_calls(std::string_view code, std::string_view name);

}  // namespace labctl
