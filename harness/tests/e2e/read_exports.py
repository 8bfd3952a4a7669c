#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reads what `labctl grade` wrote for other platforms, as these describe their formats, and prints each student's grade.

  read_exports.py OUT [--canvas GIVEN COLUMN] [--moodle GIVEN]     one line "platform id grade" for each grade
  read_exports.py --self-test                                      shows that each rule can fail

OUT: what --out named. GIVEN: the file that was to be filled in.

Rules: gradescope-autograders.readthedocs.io, "Autograder Specifications", results.json. The runner results that
GitHub Classroom's autograding-grading-reporter action takes: base64 of a JSON document. Canvas, "How do I import grades
in the Gradebook": Student, ID and Section must be there, and of assignments only those that change. Moodle, "Offline
grading worksheet": only Grade and the feedback columns may differ.

Exit status: 0 all are valid, 1 some are not (a line on standard error for each fault), 2 wrong usage.
"""

import argparse
import base64
import binascii
import csv
import io
import json
import sys
from pathlib import Path

FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}


class Fault(Exception):
    """What no reader of the format would take."""


def require(holds, what):
    if not holds:
        raise Fault(what)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def read_gradescope(text):
    """The score of a results.json."""
    document = json.loads(text)
    require(isinstance(document, dict), "not an object")
    tests = document.get("tests", [])
    require("score" in document or tests, "neither a score nor tests")
    known = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
             "stdout_visibility", "extra_data", "tests", "leaderboard"}
    require(set(document) <= known, f"unknown: {sorted(set(document) - known)}")
    require(document.get("visibility", "visible") in VISIBILITIES, "visibility")
    require(document.get("stdout_visibility", "visible") in VISIBILITIES, "stdout_visibility")
    require(document.get("output_format", "text") in FORMATS, "output_format")
    for test in tests:
        known = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
                 "visibility", "extra_data"}
        require(set(test) <= known, f"unknown in a test: {sorted(set(test) - known)}")
        require(is_number(test["score"]) and is_number(test["max_score"]), "a test's score")
        require(0 <= test["score"] <= test["max_score"], "a test's score is out of range")
        require(test.get("status", "passed") in ("passed", "failed"), "a test's status")
        require(isinstance(test.get("number", ""), str), "a test's number is no text")
        require(test.get("output_format", "text") in FORMATS, "a test's output_format")
        require(test.get("visibility", "visible") in VISIBILITIES, "a test's visibility")
        require(all(isinstance(test.get(key, ""), str) for key in ("name", "output")), "a test's texts")
    score = document.get("score", sum(test["score"] for test in tests))
    require(is_number(score) and score >= 0, "score")
    return float(score)


def read_github(text):
    """The points in a step's output, `result=BASE64`."""
    require(text.startswith("result=") and text.count("\n") == 1, "not one line `result=...`")
    try:
        document = json.loads(base64.b64decode(text[len("result="):].strip(), validate=True))
    except (binascii.Error, ValueError) as error:
        raise Fault(f"not base64 of JSON: {error}") from error
    require(document.get("version") == 1, "version")
    require(document.get("status") in ("pass", "fail", "error"), "status")
    require(is_number(document.get("max_score")), "max_score")
    for test in document["tests"]:
        require(test.get("status") in ("pass", "fail", "error"), "a test's status")
        require(isinstance(test.get("name"), str) and is_number(test.get("score")), "a test's name or score")
        require(isinstance(test.get("message", ""), str), "a test's message")
    return float(sum(test["score"] for test in document["tests"]))


def read_table(text):
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    require(rows, "no rows")
    return rows


def read_canvas(text, given, column):
    """{ID: grade}; one that Canvas would take for the gradebook that was given."""
    rows, old = read_table(text), read_table(given)
    head = rows[0]
    require(head[:5] == old[0][:5], "the leading columns are not those of the gradebook")
    require(len(head) == 6 and head[5] in old[0], "not just one assignment of the gradebook's")
    require(head[5] == column or head[5].startswith(column + " ("), "another assignment")
    people = {row[1]: row for row in old[1:] if row[1]}
    grades = {}
    for row in rows[1:]:
        require(len(row) == len(head), "a row of another length")
        if not row[1]:
            continue
        require(row[1] in people and row[:5] == people[row[1]][:5], f"not in the gradebook: {row[:5]}")
        require(row[1] not in grades, f"twice: {row[1]}")
        grades[row[1]] = float(row[5])
    return grades


def read_moodle(text, given):
    """{participant: grade}; one that Moodle would take for the worksheet that was given."""
    rows, old = read_table(text), read_table(given)
    require(rows[0] == old[0], "other columns")
    require(len(rows) == len(old), "another number of rows")
    place, most = rows[0].index("Grade"), rows[0].index("Maximum Grade")
    grades = {}
    for row, before in zip(rows[1:], old[1:]):
        require(len(row) == len(before), "a row of another length")
        require(all(a == b for i, (a, b) in enumerate(zip(row, before)) if i != place), f"more than a grade: {row}")
        if row[place]:
            require(0 <= float(row[place]) <= float(row[most]), f"out of range: {row[place]}")
            grades[row[0].removeprefix("Participant ")] = float(row[place])
    return grades


def read_all(options):
    out = Path(options.out)
    for file in sorted(out.glob("gradescope/*/results.json")):
        yield file, "gradescope", {file.parent.name: lambda f=file: read_gradescope(f.read_text("utf-8"))}
    for file in sorted(out.glob("github/*.txt")):
        yield file, "github", {file.stem: lambda f=file: read_github(f.read_text("utf-8"))}
    if options.canvas:
        file, (given, column) = out / "canvas.csv", options.canvas
        yield file, "canvas", lambda: read_canvas(file.read_text("utf-8"), Path(given).read_text("utf-8"), column)
    if options.moodle:
        worksheet = out / "moodle.csv"
        yield worksheet, "moodle", lambda: read_moodle(worksheet.read_text("utf-8"),
                                                       Path(options.moodle).read_text("utf-8"))


def show_all(options):
    faults = 0
    for file, platform, read in read_all(options):
        try:
            grades = {who: one() for who, one in read.items()} if isinstance(read, dict) else read()
            for who, grade in grades.items():
                print(platform, who, f"{grade:g}")
        except (Fault, KeyError, TypeError, ValueError, csv.Error) as fault:
            print(f"{file}: {fault!r}", file=sys.stderr)
            faults += 1
    return 1 if faults else 0


def self_test():
    test = {"score": 2, "max_score": 3, "status": "failed", "name": "reads", "number": "1", "output": "",
            "output_format": "text", "visibility": "visible"}
    scope = {"score": 2.0, "output": "", "output_format": "text", "visibility": "visible", "tests": [test]}
    hub_test = {"name": "reads", "status": "fail", "score": 2, "message": ""}
    hub = {"version": 1, "status": "fail", "max_score": 3, "tests": [hub_test]}
    gradebook = "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (7),Lab 2 (8)\nAda,11,s,ada,A,1,2\nBo,12,t,bo,A,,\n"
    canvas = "Student,ID,SIS User ID,SIS Login ID,Section,Lab 2 (8)\nAda,11,s,ada,A,3\n"
    worksheet = "Identifier,Full name,Status,Grade,Maximum Grade\nParticipant 5,\"Ng, Bo\",Submitted,,10.00\n"
    moodle = worksheet.replace("Submitted,,", "Submitted,7.5,")

    def line(document):
        return "result=" + base64.b64encode(json.dumps(document).encode()).decode() + "\n"

    good = [
        read_gradescope(json.dumps(scope)) == 2.0,
        read_github(line(hub)) == 2.0,
        read_canvas(canvas, gradebook, "Lab 2") == {"11": 3.0},
        read_moodle(moodle, worksheet) == {"5": 7.5},
    ]
    bad = {
        "a score that is a text": lambda: read_gradescope(json.dumps(scope | {"score": "2"})),
        "an unknown visibility": lambda: read_gradescope(json.dumps(scope | {"visibility": "secret"})),
        "an unknown key": lambda: read_gradescope(json.dumps(scope | {"grade": 2})),
        "too many points": lambda: read_gradescope(json.dumps(scope | {"tests": [test | {"score": 4}]})),
        "an unknown status": lambda: read_gradescope(json.dumps(scope | {"tests": [test | {"status": "crashed"}]})),
        "a number that is one": lambda: read_gradescope(json.dumps(scope | {"tests": [test | {"number": 1}]})),
        "no base64": lambda: read_github("result=*\n"),
        "two lines": lambda: read_github(line(hub) + "\n"),
        "no points": lambda: read_github(line({k: v for k, v in hub.items() if k != "max_score"})),
        "an outcome of no kind": lambda: read_github(line(hub | {"tests": [hub_test | {"status": "passed"}]})),
        "a stranger": lambda: read_canvas(canvas.replace("11", "13"), gradebook, "Lab 2"),
        "another's number": lambda: read_canvas(canvas.replace("11", "12"), gradebook, "Lab 2"),
        "another assignment": lambda: read_canvas(canvas.replace("Lab 2 (8)", "Lab 1 (7)"), gradebook, "Lab 2"),
        "the whole gradebook": lambda: read_canvas(gradebook, gradebook, "Lab 2"),
        "somebody twice": lambda: read_canvas(canvas + canvas.split("\n")[1] + "\n", gradebook, "Lab 2"),
        "a name changed": lambda: read_moodle(moodle.replace("Bo", "Eve"), worksheet),
        "more than the maximum": lambda: read_moodle(moodle.replace("7.5", "11"), worksheet),
        "a row lost": lambda: read_moodle(moodle.split("\n")[0] + "\n", worksheet),
        "a broken quotation": lambda: read_moodle(moodle.replace('Bo"', 'Bo"x'), worksheet),
    }
    missed = []
    for name, read in bad.items():
        try:
            read()
            missed.append(name)
        except (Fault, csv.Error):
            pass
    print(f"{sum(good)} of {len(good)} good ones are read, {len(bad) - len(missed)} of {len(bad)} bad ones are not")
    for name in missed:
        print(f"read, although it is {name}", file=sys.stderr)
    return 0 if all(good) and not missed else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?")
    parser.add_argument("--canvas", nargs=2, metavar=("GIVEN", "COLUMN"))
    parser.add_argument("--moodle", metavar="GIVEN")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if not options.out:
        parser.error("which folder?")
    return show_all(options)


if __name__ == "__main__":
    sys.exit(main())
