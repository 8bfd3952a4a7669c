#include "volumes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <pugixml.hpp>
#include <sstream>

#include "errors.hpp"
#include "support/fd.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view prefix = "labctl-";
constexpr std::size_t part = 1 << 18;  // libvirt's largest message is larger

// As long as a volume is used.
class Volume {
 public:
  Volume(const LibvirtApi& api, virStorageVolPtr volume) : api_(api), volume_(volume) {}
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;
  ~Volume() {
    if (volume_ != nullptr) static_cast<void>(api_.virStorageVolFree(volume_));
  }
  virStorageVolPtr get() const { return volume_; }

 private:
  const LibvirtApi& api_;
  const virStorageVolPtr volume_;
};

pugi::xml_document parsed(char* xml) {
  pugi::xml_document document;
  if (xml != nullptr) static_cast<void>(document.load_string(xml));
  std::free(xml);
  return document;
}

// When a volume was last read or written, as far as the host's file system keeps that.
std::chrono::system_clock::time_point last_used(const pugi::xml_document& description) {
  const auto stamps = description.child("volume").child("target").child("timestamps");
  double seconds = 0;
  for (const char* kind : {"atime", "mtime"})
    seconds = std::max(seconds, stamps.child(kind).text().as_double());
  return std::chrono::system_clock::time_point(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

bool is_cached_volume(const std::string& name) {
  return name.size() == prefix.size() + 64 && name.starts_with(prefix) &&
         name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
}

std::string own_volume_name(const std::string& kind, const Owner& owner, int number) {
  return fmt::format("{}{}-{}-{}", prefix, kind, owner_text(owner), number);
}

bool is_stale_volume(const std::string& name) {
  for (const std::string_view kind : {"labctl-disk-", "labctl-console-"}) {
    if (!name.starts_with(kind)) continue;
    const auto last = name.rfind('-');
    const auto owner = parse_owner(name.substr(kind.size(), last - std::min(last, kind.size())));
    return owner && has_ended(*owner);
  }
  return false;
}

Result<std::unique_ptr<Volumes>> Volumes::open(std::shared_ptr<Connection> connection) {
  const LibvirtApi& api = connection->api();
  virStoragePoolPtr pool = nullptr;
  for (const char* name : {"labctl", "default"}) {
    pool = api.virStoragePoolLookupByName(connection->get(), name);
    if (pool != nullptr) break;
    if (libvirt_error_code(api) != VIR_ERR_NO_STORAGE_POOL)
      return fail(connection->error(fmt::format("cannot ask {} for its storage pools", connection->uri().text)));
  }
  if (pool == nullptr)
    return fail(connection->error(fmt::format(
        "{} has no storage pool \"labctl\" or \"default\", through which kernels get there", connection->uri().text)));
  std::unique_ptr<Volumes> volumes(new Volumes(std::move(connection), pool));
  if (auto good = volumes->look_at_pool(); !good) return fail(good.error());
  return volumes;
}

Volumes::~Volumes() {
  static_cast<void>(api_.virStoragePoolFree(pool_));
}

std::string Volumes::name() const {
  const char* name = api_.virStoragePoolGetName(pool_);
  return name != nullptr ? printable(name) : "";
}

Status Volumes::look_at_pool() {
  virStoragePoolInfo info{};
  if (api_.virStoragePoolGetInfo(pool_, &info) < 0) return fail(connection_->error("cannot look at pool " + name()));
  if (info.state != VIR_STORAGE_POOL_RUNNING)
    return fail(Fault::harness,
                fmt::format("the storage pool \"{}\" of {} is not active", name(), connection_->uri().text),
                fmt::format("virsh -c '{}' pool-start {}", connection_->uri().text, name()));
  const auto description = parsed(api_.virStoragePoolGetXMLDesc(pool_, 0));
  const auto pool = description.child("pool");
  folder_ = pool.child("target").child_value("path");
  const std::string type = pool.attribute("type").value();
  if (type == "dir" && !folder_.empty()) return {};
  return fail(Fault::harness,
              fmt::format("the storage pool \"{}\" of {} is of type {}, which kernels cannot be started from", name(),
                          connection_->uri().text, labctl::quoted(type)),
              libvirt_hint(VIR_ERR_NO_STORAGE_POOL, VIR_FROM_STORAGE, "", connection_->uri()));
}

Result<fs::path> Volumes::path_of(virStorageVolPtr volume) const {
  char* path = api_.virStorageVolGetPath(volume);
  if (path == nullptr) return fail(connection_->error("a volume has no path"));
  const fs::path found = path;
  std::free(path);
  return found;
}

// Readable for whoever QEMU runs as. What it holds is no secret: a kernel, and a guest's file system.
Result<virStorageVolPtr> Volumes::create(const std::string& name, std::uint64_t bytes) {
  pugi::xml_document document;
  auto volume = document.append_child("volume");
  volume.append_child("name").text() = name.c_str();
  volume.append_child("capacity").text() = static_cast<unsigned long long>(bytes);
  volume.append_child("allocation").text() = 0;
  auto target = volume.append_child("target");
  target.append_child("format").append_attribute("type") = "raw";
  target.append_child("permissions").append_child("mode").text() = "0644";
  std::ostringstream xml;
  document.save(xml, "", pugi::format_raw | pugi::format_no_declaration);
  virStorageVolPtr created = api_.virStorageVolCreateXML(pool_, xml.str().c_str(), 0);
  if (created == nullptr && libvirt_error_code(api_) == VIR_ERR_STORAGE_VOL_EXIST)
    created = api_.virStorageVolLookupByName(pool_, name.c_str());
  if (created == nullptr)
    return fail(connection_->error(
        fmt::format("cannot make a volume in pool {} of {}", this->name(), connection_->uri().text)));
  return created;
}

// A file grows as it is uploaded, so one of the right size has all of its bytes.
bool Volumes::is_complete(virStorageVolPtr volume, std::uint64_t bytes) const {
  virStorageVolInfo info{};
  return api_.virStorageVolGetInfo(volume, &info) == 0 && info.capacity == bytes;
}

Status Volumes::upload(virStorageVolPtr volume, const fs::path& file, std::uint64_t bytes, StopToken stop) {
  const Fd source(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) return system_error("cannot read", file, errno);
  virStreamPtr stream = api_.virStreamNew(connection_->get(), 0);
  if (stream == nullptr) return fail(connection_->error("no stream for an upload"));
  const auto give_up = [&](Error why) -> Status {
    static_cast<void>(api_.virStreamAbort(stream));
    static_cast<void>(api_.virStreamFree(stream));
    return fail(std::move(why));
  };
  const std::string what = fmt::format("cannot copy {} to {}", file.filename().string(), connection_->uri().text);
  if (api_.virStorageVolUpload(volume, stream, 0, bytes, 0) < 0) return give_up(connection_->error(what));
  std::string buffer(part, '\0');
  for (ssize_t got = 1; (got = ::read(source.get(), buffer.data(), buffer.size())) > 0;) {
    if (stop.requested()) return give_up({Fault::interrupted, "interrupted"});
    for (ssize_t sent = 0; sent < got;) {
      const int put = api_.virStreamSend(stream, buffer.data() + sent, static_cast<std::size_t>(got - sent));
      if (put < 0) return give_up(connection_->error(what));
      sent += put;
    }
  }
  if (api_.virStreamFinish(stream) < 0) return give_up(connection_->error(what));
  static_cast<void>(api_.virStreamFree(stream));
  return {};
}

Result<fs::path> Volumes::bring(const fs::path& file, StopToken stop) {
  const std::lock_guard lock(mutex_);
  if (const auto known = brought_.find(file); known != brought_.end()) return known->second;
  auto hash = sha256_file(file);
  if (!hash) return fail(hash.error());
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(file, error);
  if (error) return fail(system_error("cannot read", file, error.value()).value());
  const std::string name = std::string(prefix) + *hash;
  virStorageVolPtr found = api_.virStorageVolLookupByName(pool_, name.c_str());
  if (found == nullptr) {
    // Empty, not of its final size: see is_complete(). Another labctl that makes the same one writes the same bytes.
    auto created = create(name, 0);
    if (!created) return fail(created.error());
    found = *created;
  }
  const Volume volume(api_, found);
  if (!is_complete(volume.get(), bytes))
    if (auto uploaded = upload(volume.get(), file, bytes, stop); !uploaded) return fail(uploaded.error());
  auto path = path_of(volume.get());
  if (path) brought_[file] = *path;
  return path;
}

Result<fs::path> Volumes::make(const std::string& name, std::uint64_t bytes) {
  auto created = create(name, bytes);
  if (!created) return fail(created.error());
  const Volume volume(api_, *created);
  return path_of(volume.get());
}

Result<std::string> Volumes::read(const std::string& name, std::uint64_t most_bytes) {
  const std::string what = fmt::format("cannot read {} of pool {}", name, this->name());
  const Volume volume(api_, api_.virStorageVolLookupByName(pool_, name.c_str()));
  if (volume.get() == nullptr) return fail(connection_->error(what));
  virStreamPtr stream = api_.virStreamNew(connection_->get(), 0);
  if (stream == nullptr) return fail(connection_->error(what));
  std::string bytes;
  int got = api_.virStorageVolDownload(volume.get(), stream, 0, 0, 0) < 0 ? -1 : 1;
  for (std::string buffer(part, '\0'); got > 0 && bytes.size() < most_bytes;) {
    got = api_.virStreamRecv(stream, buffer.data(), buffer.size());
    if (got > 0) bytes.append(buffer, 0, static_cast<std::size_t>(got));
  }
  const auto failed = got < 0 ? std::optional(connection_->error(what)) : std::nullopt;
  static_cast<void>(got == 0 ? api_.virStreamFinish(stream) : api_.virStreamAbort(stream));
  static_cast<void>(api_.virStreamFree(stream));
  if (failed) return fail(*failed);
  bytes.resize(std::min<std::uint64_t>(bytes.size(), most_bytes));
  return bytes;
}

void Volumes::remove(const std::string& name) {
  const Volume volume(api_, api_.virStorageVolLookupByName(pool_, name.c_str()));
  if (volume.get() != nullptr) static_cast<void>(api_.virStorageVolDelete(volume.get(), 0));
}

Result<Volumes::Removed> Volumes::remove_where(
    const std::function<bool(virStorageVolPtr, const std::string&)>& unwanted) {
  virStorageVolPtr* all = nullptr;
  const int count = api_.virStoragePoolListAllVolumes(pool_, &all, 0);
  if (count < 0) return fail(connection_->error("cannot list the volumes of pool " + name()));
  Removed removed;
  for (int i = 0; i < count; ++i) {
    const Volume volume(api_, all[i]);
    const char* name = api_.virStorageVolGetName(volume.get());
    if (name == nullptr || !unwanted(volume.get(), name)) continue;
    virStorageVolInfo info{};
    static_cast<void>(api_.virStorageVolGetInfo(volume.get(), &info));
    if (api_.virStorageVolDelete(volume.get(), 0) < 0) continue;  // another one removes it at this moment
    ++removed.volumes;
    removed.bytes += info.allocation;
  }
  std::free(all);
  return removed;
}

Result<Volumes::Removed> Volumes::prune(std::chrono::hours unused) {
  // What others have put there or removed, and when it was read.
  if (api_.virStoragePoolRefresh(pool_, 0) < 0) return fail(connection_->error("cannot look into pool " + name()));
  return remove_where([&](virStorageVolPtr volume, const std::string& name) {
    if (is_stale_volume(name)) return true;
    if (!is_cached_volume(name)) return false;
    const auto description = parsed(api_.virStorageVolGetXMLDesc(volume, 0));
    return std::chrono::system_clock::now() - last_used(description) >= unused;
  });
}

void Volumes::sweep() {
  static_cast<void>(remove_where([](virStorageVolPtr, const std::string& name) { return is_stale_volume(name); }));
}

}  // namespace labctl
