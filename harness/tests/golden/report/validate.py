#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks machine-readable reports of labctl against the rules of their readers.

  validate.py [--schema SCHEMA] [FILE...]   .json, .xml and .ktap files; by default the golden files beside this one
  validate.py --self-test                   shows that each rule can fail

Rules: .json: docs/run-result.schema.json. .xml: JUnit as GitLab (unit test reports) and Jenkins (xunit plugin,
junit-10.xsd) read it. .ktap: Documentation/dev-tools/ktap.rst in the kernel.

Exit status: 0 all files are valid, 1 some are not (one line for each fault), 2 wrong usage or an unreadable file,
77 python3-jsonschema is missing (skipped).
"""

import argparse
import copy
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCHEMA = HERE.parents[3] / "docs" / "run-result.schema.json"
SKIPPED = 77

GITLAB_MAX_BYTES = 30_000_000
# Control characters that no report may hold, whatever a guest printed; in XML most of them are not even allowed.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")


def text_of(data):
    """(text, faults) of a file's bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", [f"not UTF-8: {error}"]
    found = CONTROL.search(text)
    return text, [f"control character {found.group()!r} at offset {found.start()}"] if found else []


# --- JSON ---------------------------------------------------------------------------------------------------------


def json_faults(data, schema):
    import jsonschema

    text, faults = text_of(data)
    if faults:
        return faults
    try:
        document = json.loads(text)
    except ValueError as error:
        return [f"not JSON: {error}"]
    validator = jsonschema.Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(document), key=lambda e: list(map(str, e.absolute_path))):
        where = "/".join(str(part) for part in error.absolute_path) or "(root)"
        faults.append(f"{where}: {error.message[:300]}")
    if not faults:
        faults += [
            f"labs/{i}: passed and infrastructure_failed exclude each other"
            for i, lab in enumerate(document["labs"])
            if lab["passed"] and lab["infrastructure_failed"]
        ]
    return faults


def schema_faults(schema):
    """A schema that leaves out a key, or allows any, would accept nearly everything."""
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema)
    faults = []

    def walk(node, path):
        if isinstance(node, dict):
            if node.get("type") == "object":
                if node.get("additionalProperties") is not False:
                    faults.append(f"{path}: additionalProperties is not false")
                if sorted(node.get("required", [])) != sorted(node.get("properties", {})):
                    faults.append(f"{path}: required is not every property")
            for key, value in node.items():
                walk(value, f"{path}/{key}")
        elif isinstance(node, list):
            for i, value in enumerate(node):
                walk(value, f"{path}/{i}")

    walk(schema, "schema")
    return faults


# --- JUnit --------------------------------------------------------------------------------------------------------

# What Jenkins' schema allows: element -> (needed attributes, further attributes, children).
JUNIT = {
    "testsuites": ({}, {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"properties", "testcase"},
    ),
    "properties": ({}, {}, {"property"}),
    "property": ({"name", "value"}, {}, {}),
    # GitLab needs classname and time too.
    "testcase": ({"name", "classname", "time"}, {}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, {}, {}),
    "error": ({"message", "type"}, {}, {}),
    "skipped": ({"message", "type"}, {}, {}),
}
SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


def element_faults(element, path):
    if element.tag not in JUNIT:
        return [f"{path}: unknown element <{element.tag}>"]
    needed, allowed, children = JUNIT[element.tag]
    faults = [f"{path}: attribute {name} is missing" for name in sorted(set(needed) - set(element.attrib))]
    faults += [
        f"{path}: attribute {name} is not allowed" for name in sorted(set(element.attrib) - set(needed) - set(allowed))
    ]
    if "time" in element.attrib and not SECONDS.fullmatch(element.get("time")):
        faults.append(f"{path}: time is not in seconds: {element.get('time')!r}")
    for i, child in enumerate(element):
        child_path = f"{path}/{child.tag}[{i + 1}]"
        if child.tag not in children:
            faults.append(f"{child_path}: not allowed here")
        faults += element_faults(child, child_path)
    return faults


def count_faults(element, path):
    """The totals that the attributes give are those of the test cases."""
    faults = []
    for attribute, query in (
        ("tests", ".//testcase"),
        ("failures", ".//failure"),
        ("errors", ".//error"),
        ("skipped", ".//skipped"),
    ):
        said = element.get(attribute)
        found = len(element.findall(query))
        if said is not None and said != str(found):
            faults.append(f"{path}: {attribute} is {said}, but there are {found}")
    return faults


def testcase_faults(root):
    faults = []
    seen = set()
    for case in root.iter("testcase"):
        key = (case.get("classname"), case.get("name"))
        label = f"testcase {key[0]}/{key[1]}"
        if not all(key):
            faults.append(f"{label}: empty name or classname")
        if key in seen:
            faults.append(f"{label}: GitLab drops a second test of the same name")
        seen.add(key)
        if len(case) > 1:
            faults.append(f"{label}: more than one result")
        for result in case:
            message = result.get("message") or ""
            if not message:
                faults.append(f"{label}: no message")
            elif message not in (result.text or ""):
                faults.append(f"{label}: the message is not repeated in the body, which is all that GitLab shows")
    return faults


def junit_faults(data):
    text, faults = text_of(data)
    if len(data) >= GITLAB_MAX_BYTES:
        faults.append(f"{len(data)} bytes; GitLab reads less than {GITLAB_MAX_BYTES}")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        return faults + [f"not XML: {error}"]
    if root.tag not in ("testsuites", "testsuite"):
        return faults + [f"the root is <{root.tag}>"]
    # Numeric references can name what bytes may not hold.
    for element in root.iter():
        for value in [element.text or "", *element.attrib.values()]:
            if CONTROL.search(value):
                faults.append(f"<{element.tag}> holds a control character")
    faults += element_faults(root, root.tag)
    for i, suite in enumerate(root.iter("testsuite")):
        faults += count_faults(suite, f"testsuite[{i + 1}]")
    faults += count_faults(root, root.tag) if root.tag == "testsuites" else []
    return faults + testcase_faults(root)


# --- KTAP ---------------------------------------------------------------------------------------------------------

RESULT = re.compile(r"(ok|not ok) ([0-9]+) ([^#]*[^# ])( # (SKIP|TIMEOUT|ERROR)( [^#]*)?)?")
# Where kunit.py stops reading, and the header that it knows beside the version line.
ENDS = ("List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted")


class Ktap:
    """Reads KTAP line by line; every line must be accounted for."""

    def __init__(self, text):
        self.lines = text.split("\n")
        self.faults = []
        self.at = 0
        if self.lines[-1] != "":
            self.faults.append("no newline at the end")
        else:
            self.lines.pop()

    def fault(self, what):
        self.faults.append(f"line {self.at + 1}: {what}")

    def peek(self):
        return self.lines[self.at] if self.at < len(self.lines) else None

    def diagnostics(self, indent):
        prefix = " " * indent + "#"
        while self.peek() is not None and self.peek().startswith(prefix):
            if self.peek().startswith(prefix + " Subtest:"):
                self.fault("a diagnostic line that reads like a subtest's header")
            self.at += 1

    def level(self, indent):
        """One version line, a plan and its results; gives whether all are ok."""
        pad = " " * indent
        if self.peek() != pad + "KTAP version 1":
            self.fault(f"no version line at indent {indent}: {self.peek()!r}")
            return True
        self.at += 1
        plan = re.fullmatch(pad + r"1\.\.([0-9]+)", self.peek() or "")
        if not plan:
            self.fault(f"no plan: {self.peek()!r}")
            return True
        self.at += 1
        all_ok = True
        for number in range(1, int(plan.group(1)) + 1):
            if not self.test(indent, number):
                all_ok = False
            if self.faults:
                break
        return all_ok

    def test(self, indent, number):
        subtests_ok = True
        self.diagnostics(indent)
        if (self.peek() or "").startswith(" " * (indent + 2) + "KTAP version"):
            subtests_ok = self.level(indent + 2)
            self.diagnostics(indent)
        line = self.peek()
        match = RESULT.fullmatch(line[indent:]) if line is not None and line.startswith(" " * indent) else None
        if not match:
            self.fault(f"not a result at indent {indent}: {line!r}")
            return True
        ok = match.group(1) == "ok"
        if int(match.group(2)) != number:
            self.fault(f"number {match.group(2)}, expected {number}")
        if ok and match.group(5) in ("TIMEOUT", "ERROR"):
            self.fault(f"ok with {match.group(5)}")
        if ok and not subtests_ok:
            self.fault("ok although a subtest is not")
        self.at += 1
        return ok


def ktap_faults(data):
    text, faults = text_of(data)
    if faults:
        return faults
    reader = Ktap(text)
    reader.level(0)
    if not reader.faults and reader.peek() is not None:
        reader.fault(f"beyond the plan: {reader.peek()!r}")
    for end in ENDS:
        if end in text:
            reader.faults.append(f"{end!r} ends the report for kunit.py")
    return reader.faults


# --- Files and self-test ------------------------------------------------------------------------------------------


def faults_of(name, data, schema):
    if name.endswith(".json"):
        return json_faults(data, schema)
    if name.endswith(".xml"):
        return junit_faults(data)
    if name.endswith(".ktap"):
        return ktap_faults(data)
    return ["unknown kind of file: .json, .xml or .ktap"]


def broken_json(text):
    document = json.loads(text)

    def broken(change):
        copied = copy.deepcopy(document)
        change(copied)
        return json.dumps(copied)

    test = lambda d: d["labs"][0]["tests"][1]
    yield "a missing key", broken(lambda d: d.pop("started"))
    yield "a missing inner key", broken(lambda d: test(d)["where"].pop("column"))
    yield "an unknown key", broken(lambda d: test(d).update(extra=1))
    yield "an unknown status", broken(lambda d: test(d).update(status="broken"))
    yield "a duration that is no integer", broken(lambda d: d["labs"][0].update(took_ms=1.5))
    yield "points as text", broken(lambda d: test(d).update(points="3"))
    yield "another schema version", broken(lambda d: d.update(schema_version=2))
    yield "a local time", broken(lambda d: d.update(started="2026-01-01 12:00"))
    yield "passed without a verdict", broken(lambda d: d["labs"][0].update(passed=True, infrastructure_failed=True))
    yield "no JSON", text[:-10]


def broken_junit(text):
    case = '<testcase classname="labctl.modparams" name="loads with its defaults" time="0.184" />'
    assert case in text
    yield "a testcase attribute that Jenkins refuses", text.replace(case, case.replace("time=", 'file="x" time='))
    yield "two tests of one name", text.replace(case, case + case)
    yield "a wrong total", text.replace('failures="3"', 'failures="1"')
    yield "a missing total", text.replace(' errors="0"', "")
    yield "a time that is no number", text.replace('time="0.184"', 'time="0.184 s"')
    yield "a message that the body lacks", re.sub(r'message="[^"]*"', 'message="something else"', text)
    yield "system-out", text.replace("</testcase>", "<system-out>x</system-out></testcase>")
    yield "an escape character", text.replace("kernel log", "kernel \x1b[31mlog")
    yield "a reference to an escape character", text.replace("kernel log", "kernel &#27;log")
    yield "a reference to a C1 control", text.replace("kernel log", "kernel &#155;log")
    yield "U+FFFF", text.replace("kernel log", "kernel \uffff log")
    yield "no classname", text.replace('classname="labctl.modparams" ', "")
    yield "no XML", text[:-10]


def broken_ktap(text):
    yield "no version line", text.replace("KTAP version 1\n", "", 1)
    yield "a subtest without its version line", text.replace("  KTAP version 1\n", "", 1)
    yield "too few results", text.replace("1..4", "1..5")
    yield "too many results", text.replace("1..4", "1..3")
    yield "a wrong number", text.replace("not ok 2", "not ok 5")
    yield "an ok parent of a failed test", text.replace("\nnot ok 1 modparams", "\nok 1 modparams")
    yield "a '#' in a description", text.replace("ok 1 loads", "ok 1 # loads #")
    yield "ok with ERROR", text.replace("ok 1 loads with its defaults", "ok 1 loads # ERROR x")
    yield "an unknown directive", text.replace("ok 1 loads with its defaults", "ok 1 loads # FINE x")
    yield "a subtest header in a diagnostic line", text.replace("  # failed", "  # Subtest: failed", 1)
    yield "a wrong indent", text.replace("  ok 1 loads", "   ok 1 loads")
    yield "a line at which kunit.py ends", text.replace("#   kernel log", "#   reboot: System halted")
    yield "an escape character", text.replace("kernel log", "kernel \x1b[31mlog")
    yield "an unknown line", text + "more\n"


def self_test(schema):
    wrong = []
    for suffix, breakages in ((".json", broken_json), (".xml", broken_junit), (".ktap", broken_ktap)):
        name = "failed-expectation" + suffix
        text = (HERE / name).read_text(encoding="utf-8")
        if faults := faults_of(name, text.encode(), schema):
            wrong.append(f"{name}: refused as it is: {faults[0]}")
        for what, broken in breakages(text):
            if broken == text:
                wrong.append(f"{name}: \"{what}\" changes nothing")
            elif not faults_of(name, broken.encode(), schema):
                wrong.append(f"{name}: accepted with {what}")
    loose = copy.deepcopy(schema)
    del loose["$defs"]["test"]["additionalProperties"]
    if not schema_faults(loose):
        wrong.append("schema: accepted without additionalProperties")
    loose = copy.deepcopy(schema)
    loose["$defs"]["test"]["required"].pop()
    if not schema_faults(loose):
        wrong.append("schema: accepted with a key that is not required")
    if not faults_of("report.txt", b"", schema):
        wrong.append("a file of an unknown kind is accepted")
    if not json_faults(b'"\xff"', schema):
        wrong.append("bytes that are not UTF-8 are accepted")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schema", type=Path, default=SCHEMA)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args()
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        print("skipped: needs python3-jsonschema (apt install python3-jsonschema)")
        return SKIPPED
    try:
        schema = json.loads(options.schema.read_text(encoding="utf-8"))
        if options.self_test:
            return self_test(schema)
        files = options.files or sorted(f for f in HERE.iterdir() if f.suffix in (".json", ".xml", ".ktap"))
        faults = [f"{options.schema}: {fault}" for fault in schema_faults(schema)]
        for file in files:
            faults += [f"{file}: {fault}" for fault in faults_of(file.name, file.read_bytes(), schema)]
    except (OSError, ValueError) as error:
        print(f"validate.py: {error}", file=sys.stderr)
        return 2
    if not files:
        print("validate.py: no files to check", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{len(files)} files are valid")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
