// Which labctl a verdict came from.
#pragma once

#include <string>

#include "image/image.hpp"
#include "support/result.hpp"
#include "vm/qemu.hpp"

namespace labctl {

// All of labctl, of what is in the guest and of QEMU that a verdict depends on.
Result<std::string> tool_digest(const InitramfsSources& initramfs, const QemuProgram& qemu);

}  // namespace labctl
