// Folders and archives as students make them, and as nobody should.
#include "intake/contents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> items(const Contents& contents) {
  std::vector<std::string> all;
  for (const auto& item : contents.items) {
    const char* kind = item.kind == ItemKind::link ? " (link)" : item.kind == ItemKind::other ? " (other)" : "";
    all.push_back(item.path + kind + (item.bytes.empty() ? "" : ": " + item.bytes.substr(0, 10)));
  }
  return all;
}

class TestFolder : public test::TemporaryFolder {
 public:
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(path() / name, text)); }
};

class ContentsOf : public testing::Test {
 protected:
  // Runs Python, which makes archives that no archiver would.
  fs::path made(const std::string& name, const std::string& python) {
    const fs::path file = folder_.path() / name;
    folder_.put("make.py", "import io, sys, tarfile, zipfile\nfile = sys.argv[1]\n" + python);
    const std::string command =
        "/usr/bin/python3 '" + (folder_.path() / "make.py").string() + "' '" + file.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << python;
    return file;
  }

  static Contents archive(const fs::path& file, const IntakeLimits& limits = {}) {
    auto contents = read_archive(file, limits, {});
    EXPECT_TRUE(contents) << contents.error().message;
    return contents ? std::move(*contents) : Contents{};
  }

  static constexpr const char* tar_with =
      "t = tarfile.open(file, 'w:gz')\n"
      "def add(name, text=b'x', kind=tarfile.REGTYPE, link=''):\n"
      "    i = tarfile.TarInfo(name); i.type = kind; i.linkname = link\n"
      "    i.size = len(text) if kind == tarfile.REGTYPE else 0\n"
      "    t.addfile(i, io.BytesIO(text))\n";

  TestFolder folder_;
};

TEST_F(ContentsOf, AFolder) {
  folder_.put("in/a.c", "int a;");
  folder_.put("in/sub/a.h", "int h;");
  folder_.put("in/notes.txt", "notes");
  folder_.put("in/.git/config", "x");
  folder_.put("in/__MACOSX/a.c", "x");
  fs::create_symlink("/etc/passwd", folder_.path() / "in/link.c");
  fs::create_directory_symlink("/etc", folder_.path() / "in/folder");
  ASSERT_EQ(::mkfifo((folder_.path() / "in/pipe.c").c_str(), 0600), 0);
  const auto contents = read_folder(folder_.path() / "in", {}, {});
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_THAT(items(*contents), ElementsAre("a.c: int a;", "folder (link)", "link.c (link)", "notes.txt",
                                            "pipe.c (other)", "sub/a.h: int h;"));
}

TEST_F(ContentsOf, AFileAlone) {
  folder_.put("anna.c", "int a;");
  EXPECT_THAT(items(read_folder(folder_.path() / "anna.c", {}, {}).value()), ElementsAre("anna.c: int a;"));
}

TEST_F(ContentsOf, AFolderThatIsTooMuch) {
  for (int i = 0; i < 12; ++i)
    folder_.put("in/" + std::to_string(i) + ".c", "1234");
  IntakeLimits limits;
  limits.items = 10;
  EXPECT_THAT(read_folder(folder_.path() / "in", limits, {})->refusals, ElementsAre(HasSubstr("more than 10 files")));
  limits = {};
  limits.source_bytes = 3;
  EXPECT_THAT(read_folder(folder_.path() / "in", limits, {})->refusals,
              ElementsAre(HasSubstr("no source that somebody wrote")));
  limits = {};
  limits.all_bytes = 20;
  EXPECT_THAT(read_folder(folder_.path() / "in", limits, {})->refusals, ElementsAre(HasSubstr("together")));
  limits.all_bytes = 48;
  EXPECT_THAT(read_folder(folder_.path() / "in", limits, {})->refusals, IsEmpty()) << "the control";
}

TEST_F(ContentsOf, ATarAndAZip) {
  const auto tar =
      made("a.tgz", std::string(tar_with) + "add('./hw/a.c', b'int a;'); add('hw/b.o', b'\\0' * 99)\nt.close()\n");
  EXPECT_THAT(items(archive(tar)), ElementsAre("hw/a.c: int a;", "hw/b.o"));
  const auto zip = made("a.zip",
                        "z = zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED)\nz.writestr('hw\\\\a.c', 'int a;')\n"
                        "z.writestr('__MACOSX/hw/._a.c', 'x')\nz.writestr('ü.txt', 'x')\nz.close()\n");
  EXPECT_THAT(items(archive(zip)), ElementsAre("hw/a.c: int a;", "ü.txt"));
}

TEST_F(ContentsOf, AnArchiveThatLeadsOutOfItself) {
  for (const auto* name : {"../a.c", "/etc/a.c", "x/../../a.c"}) {
    const auto file = made("a.tar.gz", std::string(tar_with) + "add('" + name + "')\nt.close()\n");
    EXPECT_THAT(archive(file).refusals, ElementsAre(HasSubstr("leads out of the archive"))) << name;
  }
  const auto zip = made("a.zip", "z = zipfile.ZipFile(file, 'w')\nz.writestr('..\\\\a.c', 'x')\nz.close()\n");
  EXPECT_THAT(archive(zip).refusals, ElementsAre(HasSubstr("leads out of the archive")));
}

TEST_F(ContentsOf, AnArchiveWithLinksAndDevices) {
  const auto file = made("a.tgz", std::string(tar_with) +
                                      "add('a.c', kind=tarfile.SYMTYPE, link='/etc/passwd')\n"
                                      "add('b.c', kind=tarfile.LNKTYPE, link='/etc/passwd')\n"
                                      "add('c.c', kind=tarfile.CHRTYPE)\nadd('d', kind=tarfile.FIFOTYPE)\nt.close()\n");
  EXPECT_THAT(items(archive(file)), ElementsAre("a.c (link)", "b.c (link)", "c.c (other)", "d (other)"));
}

TEST_F(ContentsOf, AnArchiveThatIsABomb) {
  const auto by_ratio = made("r.zip",
                             "z = zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED)\n"
                             "z.writestr('zeros.bin', b'\\0' * (8 << 20))\nz.close()\n");
  EXPECT_THAT(archive(by_ratio).refusals, ElementsAre(HasSubstr("times its size")));
  IntakeLimits limits;
  limits.ratio = 1'000'000;
  EXPECT_THAT(archive(by_ratio, limits).refusals, IsEmpty()) << "the control";
  limits.unpacked_bytes = 4 << 20;
  EXPECT_THAT(archive(by_ratio, limits).refusals, ElementsAre(HasSubstr("unpacks to more than 4.2 MB")));
  limits = {};
  limits.items = 5;
  const auto many = made("m.tgz", std::string(tar_with) + "[add(f'{i}') for i in range(9)]\nt.close()\n");
  EXPECT_THAT(archive(many, limits).refusals, ElementsAre(HasSubstr("more than 5 files")));
  const auto folders =
      made("f.tgz", std::string(tar_with) + "[add(f'{i}', kind=tarfile.DIRTYPE) for i in range(9)]\nt.close()\n");
  EXPECT_THAT(archive(folders, limits).refusals, ElementsAre(HasSubstr("more than 5 files")));
}

TEST_F(ContentsOf, AnArchiveThatIsNone) {
  folder_.put("a.zip", "hello");
  EXPECT_THAT(archive(folder_.path() / "a.zip").refusals, ElementsAre(HasSubstr("cannot be read")));
  const auto file = made("b.tgz", std::string(tar_with) + "add('a.c', b'y' * 100000)\nt.close()\n");
  fs::resize_file(file, fs::file_size(file) / 2);
  EXPECT_THAT(archive(file).refusals, testing::Not(IsEmpty()));
  const auto none = read_archive(folder_.path() / "nowhere.zip", {}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::harness);
}

}  // namespace
}  // namespace labctl
