// A connection to a libvirt host, and who is told what happens there.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api.hpp"
#include "event_loop.hpp"
#include "virt/uri.hpp"

namespace labctl {

// Called in the event loop's thread.
class DomainWatcher {
 public:
  virtual ~DomainWatcher() = default;
  virtual void on_lifecycle(int event, int detail) = 0;         // of virDomainEventType and the detail's own enum
  virtual void on_disk_error(const std::string& reason) = 0;    // the host could not read or write a disk of it
  virtual void on_connection_lost(const std::string& why) = 0;  // nothing more will be heard of it
};

class Connection {
 public:
  // uri: empty for libvirt's own default (LIBVIRT_DEFAULT_URI, else uri_default of libvirt.conf). Errors are
  // Fault::usage for a URI that labctl cannot use, else Fault::harness.
  static Result<std::shared_ptr<Connection>> open(const std::string& uri);
  ~Connection();

  const LibvirtApi& api() const { return api_; }
  virConnectPtr get() const { return connection_; }
  const LibvirtUri& uri() const { return uri_; }
  EventLoop& loop() const { return *loop_; }

  // From now on tells what happens to the domain of that UUID, which need not be there yet. Until the watcher is gone.
  void watch(const std::string& uuid, std::weak_ptr<DomainWatcher> watcher);

  // Why it was lost; nothing as long as it holds.
  std::optional<std::string> lost() const;
  Error error(const std::string& what) const;

 private:
  Connection(const LibvirtApi& api, std::shared_ptr<EventLoop> loop) : api_(api), loop_(std::move(loop)) {}
  Status subscribe();
  void lose(int reason);
  std::shared_ptr<DomainWatcher> watcher_of(virDomainPtr domain);

  const LibvirtApi& api_;
  const std::shared_ptr<EventLoop> loop_;
  LibvirtUri uri_;
  virConnectPtr connection_ = nullptr;
  int lifecycle_ = -1;
  int disk_errors_ = -1;

  mutable std::mutex mutex_;
  std::map<std::string, std::weak_ptr<DomainWatcher>> watchers_;
  std::optional<std::string> lost_;
};

}  // namespace labctl
