// What the lines of a report say, beyond its kind and range. Inside diagnose/ only.
#pragma once

#include <string_view>
#include <vector>

#include "model/kernel_report.hpp"

namespace labctl {

// Fills in everything that the lines say: those of the report and of its caller alone, in order, one a line. Makes the
// kind more exact where only a later line says which it is. Linear in the lines' size.
void read_details(KernelReport& report, const std::vector<std::string_view>& lines);

// Each reads one line, and remembers what the next lines of the same report need.

// What KASAN and KFENCE say of the access, the object and its stacks.
class KasanReader {
 public:
  explicit KasanReader(KernelReport& report);
  // Whether the line was about the object or the access; frames that follow belong to *frames(), when not null.
  bool read(std::string_view line);
  std::vector<StackFrame>* frames() const { return frames_; }
  void finish();

 private:
  bool read_object(std::string_view line);
  bool read_stack_object(std::string_view line);

  KernelReport& report_;
  std::vector<StackFrame>* frames_ = nullptr;
  bool located_ = false;                   // the kernel said where in or beside the object the access was
  bool variable_next_ = false;             // the next line names a global variable
  std::optional<std::uint64_t> in_frame_;  // offset of the access in the frame of a function
};

// Both sides of a lock order, and the locks of other reports of lockdep.
class LockdepReader {
 public:
  explicit LockdepReader(KernelReport& report) : report_(report) {}
  bool read(std::string_view line);
  std::vector<StackFrame>* frames() const;

 private:
  void mention(std::string_view lock, std::string_view place);

  KernelReport& report_;
  bool chain_ = false;     // "-> #1 (lock): ...": these are the sides, whatever was said before
  bool ignored_ = false;   // in a list that repeats what is known
  bool held_ = false;      // in a list of the locks that a task holds
  bool collects_ = false;  // frames belong to the lock that was mentioned last
  std::size_t last_ = 0;   // its index
};

}  // namespace labctl
