// A class of hello-lkm to grade.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "driver.hpp"

namespace labctl::e2e {

inline std::string reference() {
  return slurp(source("modules/hello-lkm/hello-lkm.c"));
}

inline std::string changed(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// A module that does nothing of its task, but this when it is loaded.
inline std::string instead(const std::string& in_init, const std::string& before = "") {
  return "#include <linux/module.h>\n" + before + "static int __init attack_init(void)\n{\n" + in_init +
         "\nreturn 0;\n}\nstatic void __exit "
         "attack_exit(void)\n{\n}\nmodule_init(attack_init);\nmodule_exit(attack_exit);\n"
         "MODULE_LICENSE(\"GPL\");\n";
}

class Grading : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel("6.1", {"debug"}); !missing.empty()) GTEST_SKIP() << missing;
  }

  std::filesystem::path in() const { return home_.path() / "in"; }
  std::filesystem::path out(const std::string& name = "out") const { return home_.path() / name; }

  void hand_in(const std::string& id, const std::string& text) const { home_.put("in/" + id + "/hello-lkm.c", text); }

  // Makes an archive that no archiver would.
  void make_archive(const std::string& name, const std::string& python) const {
    const std::filesystem::path script =
        home_.put("make.py", "import io, sys, tarfile, zipfile\nfile = sys.argv[1]\n" + python);
    const std::string command = "/usr/bin/python3 '" + script.string() + "' '" + (in() / name).string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  std::vector<std::string> arguments(const std::string& to, const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"grade", "hello-lkm", in(), "--out", out(to), "--kernel", "6.1", "--seed", "s"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ProcessOutcome grade(const std::string& to, const std::vector<std::string>& more) const {
    return home_.labctl(arguments(to, more));
  }

  std::map<std::string, nlohmann::json> students(const std::string& to = "out") const {
    std::map<std::string, nlohmann::json> all;
    for (const auto& item : items_of(out(to) / "students"))
      if (item.extension() == ".json") {
        const auto student = nlohmann::json::parse(slurp(item));
        all[student.at("id")] = student;
      }
    return all;
  }

  static int earned(const nlohmann::json& student) {
    int points = 0;
    for (const auto& test : student.at("tests"))
      points += test.at("earned").get<int>();
    return points;
  }

  const Home home_{CacheOf::all};
};

}  // namespace labctl::e2e
