#!/usr/bin/env python3
"""Makes golden logs from the lab in harness/tests/e2e/modules/reports, which provokes one report a test.

  record.py RUN_FOLDER...     each the --run-dir of `labctl run harness/tests/e2e/modules/reports --kernel K --flavour F`

A log begins at the module's load. What the parser finds in it is added by the test:
LABCTL_UPDATE_GOLDEN=1 build/harness/tests/unit_diagnose --gtest_filter='*GoldenLog*'
"""
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
LONGEST = 400  # lines; a longer log is cut there and says so


def record(machine, release, flavour):
    console = (machine / "console.log").read_text(errors="replace").replace("\r", "")
    lines = console.split("\n")
    first = next((n for n, line in enumerate(lines) if "loading out-of-tree module taints kernel" in line), None)
    if first is None:
        return
    name = re.sub(r"^\d+-", "", machine.name)
    kept = lines[first:first + LONGEST]
    cut = f", cut after {LONGEST} lines" if len(lines) > first + LONGEST else ""
    log = "\n".join(kept).rstrip("\n") + "\n"
    module, _, kind = name.partition("-")
    about = (f"# The module {module}.c of harness/tests/e2e/modules/reports, loaded with kind={kind}.\n"
             f"# Origin: recorded from {release} ({flavour} options) in QEMU, from the first load on{cut}\n")
    version = ".".join(release.split(".")[:2])
    (FOLDER / f"real-{name}-{version}-{flavour}.log").write_text(f"{about}# Log:\n{log}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for run in map(pathlib.Path, sys.argv[1:]):
        for machine in sorted(run.glob("reports/*/console.log")):
            boot = (machine.parent / "kernel.log").read_text(errors="replace")
            banner = re.search(r"Linux version (\S+)", boot)
            # Of a test that only a debug kernel can show, --flavour release is no release kernel.
            flavour = "debug" if "KernelAddressSanitizer initialized" in boot else "release"
            record(machine.parent, banner.group(1), flavour)


main()
