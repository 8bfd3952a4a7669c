// A course: topics in their order.
#pragma once

#include <string>
#include <vector>

namespace labctl {

struct Topic {
  std::string name;
  std::string about;  // in a few words; may be empty
};

struct Course {
  std::string title;  // may be empty
  std::vector<Topic> topics;
};

}  // namespace labctl
