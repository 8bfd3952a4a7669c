#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "support/fd.hpp"
#include "support/files.hpp"
#include "vm/machine.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Its folder is removed by whoever made that.
class FileDisk final : public Disk {
 public:
  explicit FileDisk(fs::path file) : file_(std::move(file)) {}
  fs::path path() const override { return file_; }

 private:
  const fs::path file_;
};

}  // namespace

Status make_disk(const fs::path& file, int mib) {
  const Fd made(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made || ::ftruncate(made.get(), off_t{mib} << 20) != 0) return system_error("cannot make", file, errno);
  return {};
}

Result<std::unique_ptr<Disk>> MachineDriver::make_disk(const fs::path& folder, int mib) {
  const fs::path file = folder / "disk";
  if (auto made = labctl::make_disk(file, mib); !made) return fail(made.error());
  return std::make_unique<FileDisk>(file);
}

}  // namespace labctl
