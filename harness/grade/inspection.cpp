#include "inspection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "process/process.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct Forbidden {
  std::string_view name;  // the beginning of a symbol's name, where it ends with '*'
  std::string_view what;
};

// What reaches around the interfaces that a lab is about: to other code of the kernel, to files and programs of the
// guest, or to the devices by which labctl watches it.
constexpr Forbidden forbidden[] = {
    {"kallsyms_lookup_name", "looks up what the kernel does not export"},
    {"kallsyms_on_each*", "looks up what the kernel does not export"},
    {"sprint_symbol*", "looks up what the kernel does not export"},
    {"__symbol_get*", "looks up symbols by their names"},
    {"find_symbol", "looks up symbols by their names"},
    {"register_kprobe*", "changes what other code of the kernel does"},
    {"register_kretprobe*", "changes what other code of the kernel does"},
    {"register_ftrace_*", "changes what other code of the kernel does"},
    {"ftrace_set_filter*", "changes what other code of the kernel does"},
    {"tracepoint_probe_register*", "changes what other code of the kernel does"},
    {"for_each_kernel_tracepoint", "changes what other code of the kernel does"},
    {"register_wide_hw_breakpoint", "changes what other code of the kernel does"},
    {"register_user_hw_breakpoint", "changes what other code of the kernel does"},
    {"perf_event_create_kernel_counter", "changes what other code of the kernel does"},
    {"native_write_cr*", "changes how the kernel's memory is protected"},
    {"wrmsr*", "changes how the CPU works"},
    {"klp_enable_patch", "changes what other code of the kernel does"},
    {"text_poke*", "changes what other code of the kernel does"},
    {"set_memory_*", "changes how the kernel's memory is protected"},
    {"call_usermodehelper*", "starts a program"},
    {"filp_open*", "opens a file from inside the kernel"},
    {"file_open_*", "opens a file from inside the kernel"},
    {"dentry_open", "opens a file from inside the kernel"},
    {"open_with_fake_path", "opens a file from inside the kernel"},
    {"__kernel_write", "writes to a file from inside the kernel"},
    {"kernel_write", "writes to a file from inside the kernel"},
    {"kernel_read*", "reads a file from inside the kernel"},
    {"vfs_*", "reaches files from inside the kernel"},
    {"kern_path*", "reaches files from inside the kernel"},
    {"iterate_dir", "reaches files from inside the kernel"},
    {"ksys_*", "calls the system as a program does"},
    {"register_console", "reaches the console"},
    {"console_*", "reaches the console"},
    {"tty_kopen*", "reaches the console"},
    {"uart_*", "reaches the console"},
    {"serial8250_*", "reaches the console"},
    {"ioport_map", "reaches the machine's devices"},
    {"iowrite*", "reaches the machine's devices"},
    {"virtqueue_*", "reaches the machine's devices"},
    {"register_virtio_*", "reaches the machine's devices"},
    {"__register_virtio_*", "reaches the machine's devices"},
    {"kernel_restart", "brings the machine down"},
    {"kernel_power_off", "brings the machine down"},
    {"kernel_halt", "brings the machine down"},
    {"emergency_restart", "brings the machine down"},
    {"orderly_*", "brings the machine down"},
    {"machine_real_restart", "brings the machine down"},
    {"panic_notifier_list", "steps between a fault and its report"},
    {"register_die_notifier", "steps between a fault and its report"},
    {"kmsg_dump_*", "reaches the kernel's log"},
    {"access_process_vm", "reaches the memory of other processes"},
    {"send_sig*", "ends other processes"},
};

bool is_like(std::string_view symbol, std::string_view name) {
  return name.ends_with('*') ? symbol.starts_with(name.substr(0, name.size() - 1)) : symbol == name;
}

// What no source names: the compiler calls it, for what it instruments and for copies and comparisons that it does not
// write out.
constexpr std::string_view compilers_own[] = {"__fentry__", "mcount",    "__stack_chk_*", "__x86_*", "__asan_*",
                                              "__kasan_*",  "__ubsan_*", "__sanitizer_*", "memcpy",  "memmove",
                                              "memset",     "memcmp",    "strlen",        "bcmp"};

template <typename Names>
bool is_like_one_of(std::string_view symbol, const Names& names) {
  return std::any_of(std::begin(names), std::end(names), [&](const auto& name) { return is_like(symbol, name); });
}

// Nothing: it says more, or takes longer, than for anything that a person has written.
Result<std::optional<std::string>> output_of(std::vector<std::string> argv, StopToken stop) {
  constexpr std::uint64_t most_bytes = 64 << 20;
  ProcessSpec spec;
  spec.argv = std::move(argv);
  auto outcome = run_process(spec, {Limits{}.tool, most_bytes}, stop);
  if (!outcome) return fail(outcome.error());
  if (outcome->truncated || outcome->timed_out) return std::optional<std::string>();
  if (!outcome->success())
    return fail(Fault::harness, fmt::format("cannot read a module: {}", outcome->describe()),
                "labctl doctor checks the build tools");
  return std::optional<std::string>(std::move(outcome->standard_output));
}

// Words that objdump writes in front of an instruction.
bool is_prefix(std::string_view word) {
  static constexpr std::array<std::string_view, 17> prefixes = {
      "rep", "repz", "repnz", "repe",   "repne",  "lock",    "cs",  "ds",      "es",
      "fs",  "gs",   "ss",    "data16", "addr32", "notrack", "bnd", "xacquire"};
  return word.starts_with("rex") || std::find(prefixes.begin(), prefixes.end(), word) != prefixes.end();
}

}  // namespace

std::set<std::string> suspicious_instructions(std::string_view disassembly) {
  std::set<std::string> found;
  for (const auto line : split_lines(disassembly)) {
    // "  1a:\tout    %al,(%dx)"
    const auto tab = line.find(":\t");
    if (tab == std::string_view::npos) continue;
    std::string_view text = line.substr(tab + 2);
    std::string_view mnemonic, operands;
    do {
      const auto begin = text.find_first_not_of(" \t");
      text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
      mnemonic = text.substr(0, text.find_first_of(" \t"));
      text.remove_prefix(mnemonic.size());
      operands = text;
    } while (is_prefix(mnemonic));
    const auto is_one_of = [mnemonic](std::initializer_list<std::string_view> names) {
      return std::find(names.begin(), names.end(), mnemonic) != names.end();
    };
    if (is_one_of({"out", "outb", "outw", "outl", "outsb", "outsw", "outsl"})) found.insert("out");
    if (is_one_of({"wrmsr", "lgdt", "lidt", "ltr", "lldt", "vmcall", "vmmcall"})) found.insert(std::string(mnemonic));
    if (mnemonic.starts_with("mov") && operands.find("%cr") != std::string_view::npos) found.insert("mov %cr");
    if (mnemonic.starts_with("mov") && operands.find("%db") != std::string_view::npos) found.insert("mov %db");
  }
  return found;
}

Result<ModuleUse> module_use(const fs::path& ko, StopToken stop) {
  ModuleUse use;
  // POSIX' format of nm: a line begins with the symbol.
  auto symbols = output_of({"nm", "-u", "-P", ko.string()}, stop);
  if (!symbols) return fail(symbols.error());
  auto code = output_of({"objdump", "-d", "--no-show-raw-insn", ko.string()}, stop);
  if (!code) return fail(code.error());
  use.unreadable = !*symbols || !*code;
  if (use.unreadable) return use;
  for (const auto line : split_lines(**symbols))
    use.symbols.emplace(line.substr(0, line.find(' ')));
  use.instructions = suspicious_instructions(**code);
  return use;
}

std::vector<std::string> forbidden_use(const ModuleUse& use, const ModuleUse& reference, const SymbolBudget& budget) {
  std::vector<std::string> found;
  if (use.unreadable) found.push_back("there is too much code in it to be looked at");
  for (const auto& symbol : use.symbols) {
    if (reference.symbols.contains(symbol) || is_like_one_of(symbol, budget.allow)) continue;
    const auto rule = std::find_if(std::begin(forbidden), std::end(forbidden),
                                   [&](const Forbidden& one) { return is_like(symbol, one.name); });
    if (rule != std::end(forbidden))
      found.push_back(fmt::format("it uses {}, which {}: this lab has no need of that", symbol, rule->what));
    else if (is_like_one_of(symbol, budget.forbid) && !is_like_one_of(symbol, compilers_own))
      found.push_back(fmt::format("it uses {}, which this lab does without", symbol));
  }
  for (const auto& instruction : use.instructions)
    if (!reference.instructions.contains(instruction))
      found.push_back(fmt::format(
          "it has the instruction \"{}\", which acts behind the kernel's back: this lab has no need of that",
          instruction));
  return found;
}

}  // namespace labctl
