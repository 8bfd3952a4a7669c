// libvirt's errors as ours: its own text, and what to do about it.
#pragma once

#include <string>
#include <string_view>

#include "api.hpp"
#include "support/result.hpp"
#include "virt/uri.hpp"

namespace labctl {

// Pure. code and domain: of virErrorNumber and virErrorDomain; message: libvirt's own.
std::string libvirt_hint(int code, int domain, std::string_view message, const LibvirtUri& uri);

// The last error of a call of this thread. what: "cannot start a machine on qemu:///system".
Error libvirt_error(const LibvirtApi& api, const std::string& what, const LibvirtUri& uri);

// The code of the last error of a call of this thread; VIR_ERR_OK where there was none.
int libvirt_error_code(const LibvirtApi& api);

}  // namespace labctl
