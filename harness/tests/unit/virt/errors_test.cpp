// libvirt's errors as it says them (9.0), and what mends them.
#include "errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::HasSubstr;

LibvirtUri uri(const std::string& text) {
  return *parse_libvirt_uri(text);
}

struct Case {
  const char* uri;
  int code;
  int domain;
  const char* message;
  const char* mend;
};

class Hint : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(
    All, Hint,
    testing::Values(
        Case{"qemu:///embed?root=/r", VIR_ERR_NO_CONNECT, VIR_FROM_NONE,
             "no connection driver available for qemu:///embed?root=/r", "libvirt-daemon-driver-qemu"},
        Case{"qemu:///embed?root=/r", VIR_ERR_INTERNAL_ERROR, VIR_FROM_NONE, "Failed to parse user 'libvirt-qemu'",
             "libvirt-daemon-system"},
        Case{"qemu:///embed?root=/r", VIR_ERR_SYSTEM_ERROR, VIR_FROM_NONE,
             "Failed to acquire pid file '/r/run/qemu/driver.pid': Resource temporarily unavailable", "another labctl"},
        Case{"qemu:///system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
             "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
             "systemctl start libvirtd"},
        Case{"qemu:///session", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
             "Failed to connect socket to '/run/user/1/libvirt/libvirt-sock': Connection refused", "libvirt-daemon"},
        Case{"qemu:///system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
             "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied", "adduser YOU libvirt"},
        Case{"qemu:///system", VIR_ERR_AUTH_UNAVAILABLE, VIR_FROM_RPC,
             "authentication unavailable: no polkit agent available", "adduser YOU libvirt"},
        Case{"qemu+ssh://me@lab/system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
             "Cannot recv data: Host key verification failed.: Connection reset by peer", "ssh me@lab virsh list"},
        Case{"qemu+ssh://me@lab/system", VIR_ERR_AUTH_FAILED, VIR_FROM_RPC, "authentication failed", "on me@lab: "},
        Case{"qemu:///system", VIR_ERR_NO_STORAGE_POOL, VIR_FROM_STORAGE, "Storage pool not found",
             "pool-define-as labctl dir"},
        Case{"qemu:///system", VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC, "internal error: client socket is closed",
             "systemctl status libvirtd"},
        Case{"qemu:///system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "End of file while reading data: Input/output error",
             "systemctl status libvirtd"},
        Case{"qemu:///system", VIR_ERR_CONFIG_UNSUPPORTED, VIR_FROM_QEMU, "something new",
             "labctl doctor --connect 'qemu:///system'"}));

TEST_P(Hint, SaysWhatMendsIt) {
  const Case& error = GetParam();
  EXPECT_THAT(libvirt_hint(error.code, error.domain, error.message, uri(error.uri)), HasSubstr(error.mend));
}

}  // namespace
}  // namespace labctl
