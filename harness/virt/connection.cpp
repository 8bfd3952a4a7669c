#include "connection.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

#include "errors.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

// A dead peer, or a stopped one, is noticed after interval * (count + 1) seconds.
constexpr int keepalive_interval_s = 1;
constexpr unsigned keepalive_count = 5;

// What --connect default is called until libvirt has said what it is.
LibvirtUri unknown_default() {
  LibvirtUri uri;
  uri.text = "libvirt's default URI";
  return uri;
}

void nothing_to_free(void*) {}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::open(const std::string& uri) {
  LibvirtUri parsed = unknown_default();
  if (!uri.empty()) {
    auto read = parse_libvirt_uri(uri);
    if (!read) return fail(read.error());
    parsed = std::move(*read);
  }
  auto api = load_libvirt();
  if (!api) return fail(api.error());
  auto loop = EventLoop::get(**api);
  if (!loop) return fail(loop.error());
  std::shared_ptr<Connection> connection(new Connection(**api, *loop));
  connection->uri_ = std::move(parsed);
  connection->connection_ = (*api)->virConnectOpenAuth(uri.empty() ? nullptr : uri.c_str(), nullptr, 0);
  if (connection->connection_ == nullptr)
    return fail(connection->error(fmt::format("cannot connect to {}", connection->uri_.text)));
  if (uri.empty()) {
    char* said = (*api)->virConnectGetURI(connection->connection_);
    auto read = parse_libvirt_uri(said != nullptr ? said : "");
    std::free(said);
    if (!read) return fail(read.error());
    connection->uri_ = std::move(*read);
  }
  if (auto subscribed = connection->subscribe(); !subscribed) return fail(subscribed.error());
  return connection;
}

Status Connection::subscribe() {
  const auto lost = [](virConnectPtr, int reason, void* self) { static_cast<Connection*>(self)->lose(reason); };
  // A driver within this process has no connection that could be lost.
  static_cast<void>(api_.virConnectRegisterCloseCallback(connection_, lost, this, nothing_to_free));
  static_cast<void>(api_.virConnectSetKeepAlive(connection_, keepalive_interval_s, keepalive_count));

  const virConnectDomainEventCallback lifecycle = [](virConnectPtr, virDomainPtr domain, int event, int detail,
                                                     void* self) {
    if (const auto watcher = static_cast<Connection*>(self)->watcher_of(domain)) watcher->on_lifecycle(event, detail);
    return 0;
  };
  lifecycle_ = api_.virConnectDomainEventRegisterAny(connection_, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                     VIR_DOMAIN_EVENT_CALLBACK(lifecycle), this, nothing_to_free);
  if (lifecycle_ < 0) return fail(error(fmt::format("{} tells no events", uri_.text)));
  const virConnectDomainEventIOErrorReasonCallback disk_error =
      [](virConnectPtr, virDomainPtr domain, const char* source, const char*, int, const char* reason, void* self) {
        if (const auto watcher = static_cast<Connection*>(self)->watcher_of(domain))
          watcher->on_disk_error(printable(reason != nullptr && *reason != '\0' ? reason : source));
      };
  // The test driver has no disks that could fail.
  disk_errors_ = api_.virConnectDomainEventRegisterAny(connection_, nullptr, VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
                                                       VIR_DOMAIN_EVENT_CALLBACK(disk_error), this, nothing_to_free);
  return {};
}

Connection::~Connection() {
  if (connection_ == nullptr) return;
  for (const int callback : {lifecycle_, disk_errors_})
    if (callback >= 0) static_cast<void>(api_.virConnectDomainEventDeregisterAny(connection_, callback));
  static_cast<void>(api_.virConnectUnregisterCloseCallback(connection_, [](virConnectPtr, int, void*) {}));
  // What was begun in the loop's thread may still use this object.
  loop_->run_and_wait([] {});
  static_cast<void>(api_.virConnectClose(connection_));
}

void Connection::watch(const std::string& uuid, std::weak_ptr<DomainWatcher> watcher) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [](const auto& item) { return item.second.expired(); });
  watchers_[uuid] = std::move(watcher);
}

std::shared_ptr<DomainWatcher> Connection::watcher_of(virDomainPtr domain) {
  char uuid[VIR_UUID_STRING_BUFLEN];
  if (api_.virDomainGetUUIDString(domain, uuid) < 0) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto found = watchers_.find(uuid);
  return found == watchers_.end() ? nullptr : found->second.lock();
}

void Connection::lose(int reason) {
  std::vector<std::shared_ptr<DomainWatcher>> told;
  const std::string why =
      fmt::format("the connection to {} was lost{}", uri_.text,
                  reason == VIR_CONNECT_CLOSE_REASON_KEEPALIVE ? ": it did not answer any more" : "");
  {
    const std::lock_guard lock(mutex_);
    lost_ = why;
    for (const auto& [uuid, watcher] : watchers_)
      if (auto there = watcher.lock()) told.push_back(std::move(there));
  }
  for (const auto& watcher : told)
    watcher->on_connection_lost(why);
}

std::optional<std::string> Connection::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

Error Connection::error(const std::string& what) const {
  return libvirt_error(api_, what, uri_);
}

}  // namespace labctl
