#include "leak_search.hpp"

#include <fmt/format.h>

#include <cstring>

#include "diagnose/kmemleak.hpp"

namespace labctl {
namespace {

using std::chrono::milliseconds;

constexpr const char* file = "/sys/kernel/debug/kmemleak";
// MSECS_MIN_AGE of mm/kmemleak.c, and a few ticks.
constexpr milliseconds least_age{5'050};

class Search {
 public:
  Search(Session& session, const Limits& limits, Evidence& evidence)
      : session_(session), limits_(limits), evidence_(evidence) {}

  // An object is told of when a second scan finds it as the first one did, and begins when it is old enough.
  Result<Ending> run(std::chrono::microseconds last) {
    if (!scan()) return end_;
    const auto left = std::chrono::duration_cast<milliseconds>(last + least_age - now_);
    if (left.count() > 0 && !perform(SleepStep{left}, "wait for it")) return end_;
    if (!scan() || !read()) return end_;
    // A pointer may have been on its way from one place to another while the scan went by: what is lost stays lost.
    if (!evidence_.leaks.empty() && (!scan() || !read())) return end_;
    return Ending::completed;
  }

 private:
  bool scan() {
    WriteStep write;
    write.file = file;
    write.data = "scan";
    return perform(write, "look for it");
  }

  bool read() {
    ReadStep read;
    read.file = file;
    if (!perform(read, "say what it has found")) return false;
    evidence_.leaks = leaked_objects(text_, now_);
    return true;
  }

  // False: the search is over. What only keeps it from an answer is a note, and no fault of the module's.
  bool perform(Action action, const char* what) {
    Step step;
    step.action = std::move(action);
    auto seen = session_.perform(step, limits_.kmemleak, [](const auto&) { return true; });
    if (!seen) {
      end_ = fail(seen.error());
      return false;
    }
    now_ = seen->at;
    text_ = std::move(seen->data);
    if (seen->ending == Ending::completed && seen->error_number == 0) return true;
    const bool cannot = seen->ending == Ending::completed || seen->ending == Ending::timed_out;
    end_ = cannot ? Ending::completed : seen->ending;
    evidence_.leaks.clear();
    if (cannot)
      evidence_.notes.push_back(
          fmt::format("not known whether memory was left behind: kmemleak could not {}: {}", what,
                      seen->ending == Ending::timed_out ? "it took too long" : std::strerror(seen->error_number)));
    return false;
  }

  Session& session_;
  const Limits& limits_;
  Evidence& evidence_;
  Result<Ending> end_ = Ending::completed;
  std::chrono::microseconds now_{0};  // on the guest's clock, when the last action ended
  std::string text_;                  // that it read
};

}  // namespace

Result<Ending> find_leaks(Session& session, std::chrono::microseconds last, const Limits& limits, Evidence& evidence) {
  return Search(session, limits, evidence).run(last);
}

}  // namespace labctl
