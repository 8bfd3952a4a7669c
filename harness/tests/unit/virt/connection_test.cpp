// With libvirt's own test driver, which has machines that only exist in its memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "connection.hpp"
#include "stale_machines.hpp"
#include "virt/domain_xml.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string domain(const std::string& name, const std::string& uuid, const std::string& owner) {
  return "<domain type='test'><name>" + name + "</name><uuid>" + uuid +
         "</uuid><memory>1024</memory><os><type>hvm</type></os><metadata><l:machine xmlns:l='" + metadata_namespace +
         "' owner='" + owner + "'/></metadata></domain>";
}

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (auto api = load_libvirt(); !api) GTEST_SKIP() << api.error().message;
    auto opened = Connection::open("test:///default");
    ASSERT_TRUE(opened) << opened.error().message;
    connection_ = std::move(*opened);
  }

  void start(const std::string& xml) {
    virDomainPtr made = api().virDomainCreateXML(connection_->get(), xml.c_str(), 0);
    ASSERT_NE(made, nullptr) << connection_->error("").message;
    api().virDomainFree(made);
  }

  std::vector<std::string> names() {
    virDomainPtr* all = nullptr;
    const int count = api().virConnectListAllDomains(connection_->get(), &all, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    std::vector<std::string> found;
    for (int i = 0; i < count; ++i) {
      if (std::string name = api().virDomainGetName(all[i]); name != "test") found.push_back(std::move(name));
      api().virDomainFree(all[i]);
    }
    std::free(all);
    return found;
  }

  const LibvirtApi& api() { return connection_->api(); }

  std::shared_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, OnlyMachinesOfEndedProcessesAreEnded) {
  Owner ended = this_process();
  ended.started -= 1;
  Owner strange = ended;
  strange.place = "0123456789abcdef";
  const std::string uuid = "6acc56a5-9118-40ee-8e80-9485676cf9c";
  start(domain("labctl-mine", uuid + "1", owner_text(this_process())));
  start(domain("anything", uuid + "2", owner_text(ended)));
  start(domain("labctl-named-like-one", uuid + "3", "nobody"));
  start(domain("labctl-strange", uuid + "4", owner_text(strange)));
  std::vector<std::string> told;
  {
    Undertaker undertaker;
    auto strangers = end_stale_machines(*connection_, undertaker);
    ASSERT_TRUE(strangers);
    told = *strangers;
  }
  EXPECT_THAT(names(), testing::UnorderedElementsAre("labctl-mine", "labctl-named-like-one", "labctl-strange"));
  EXPECT_THAT(told, ElementsAre("labctl-strange"));
}

class Seen final : public DomainWatcher {
 public:
  void on_lifecycle(int event, int) override {
    if (event == VIR_DOMAIN_EVENT_STOPPED) stopped.set_value();
  }
  void on_disk_error(const std::string&) override {}
  void on_connection_lost(const std::string&) override {}
  std::promise<void> stopped;
};

TEST_F(ConnectionTest, AWatcherIsToldOfItsDomain) {
  const auto mine = std::make_shared<Seen>();
  const auto other = std::make_shared<Seen>();
  const std::string uuid = "7acc56a5-9118-40ee-8e80-9485676cf9c1";
  connection_->watch(uuid, mine);
  connection_->watch("7acc56a5-9118-40ee-8e80-9485676cf9c2", other);
  start(domain("watched", uuid, "nobody"));
  virDomainPtr* all = nullptr;
  const int count = api().virConnectListAllDomains(connection_->get(), &all, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
  for (int i = 0; i < count; ++i) {
    if (std::string(api().virDomainGetName(all[i])) == "watched") api().virDomainDestroy(all[i]);
    api().virDomainFree(all[i]);
  }
  std::free(all);
  EXPECT_EQ(mine->stopped.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_EQ(other->stopped.get_future().wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

TEST_F(ConnectionTest, ErrorsHaveLibvirtsWordsAndAHint) {
  const auto none = Connection::open("qemu+unix:///system?socket=/nonexistent/socket");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::harness);
  EXPECT_THAT(none.error().message, HasSubstr("Failed to connect socket to '/nonexistent/socket'"));
  EXPECT_THAT(none.error().hint, HasSubstr("systemctl start libvirtd"));
}

}  // namespace
}  // namespace labctl
