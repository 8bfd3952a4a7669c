// Which labctl a verdict came from.
#pragma once

#include <string>

#include "image/image.hpp"
#include "support/result.hpp"
#include "vm/qemu.hpp"

namespace labctl {

// All of labctl, of what is in the guest and of QEMU that a verdict of a lab's tests depends on.
Result<std::string> tool_digest(const InitramfsSources& initramfs, const QemuProgram& qemu);
// The same for a student's result, which also depends on what is taken of a submission, and on what is told of it.
Result<std::string> grading_tool_digest(const InitramfsSources& initramfs, const QemuProgram& qemu);

}  // namespace labctl
