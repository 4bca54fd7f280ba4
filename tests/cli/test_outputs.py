"""What a command writes to files: whole or not at all, each to its own, and none that says less than there is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from srcos_contracts.contracts.catalog import Catalog
from tests.cli.shell import COMMAND

CLIENT = "srcos_contracts.evolve.conformance_client"

ROOT = Path(__file__).parents[2]
OWNERS = ROOT / "examples/sets/invalid/session-single-owner/two-agents-in-one-tab/set"
RECEIPT = json.loads((ROOT / "examples/BrowserAutomationReceipt/0.1.0/valid/full.json").read_text("utf-8"))


def _run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "--seal", "one", "--report", "one"),
        ("audit", "--seal", "one", "--format", "json=./one"),
        ("audit", "--report", "one", "--write-baseline", "one"),
        ("check", "--format", "json=one", "--format", "sarif=link"),
        ("check", "--format", "json=one", "--write-baseline", "one"),
        ("ci", "--format", "json=one", "--format", "junit=one"),
        ("diff", "HEAD", ".", "--format", "json=one", "--format", "markdown=one"),
    ],
    ids=" ".join,
)
def test_two_outputs_are_not_written_to_one_file(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("one")
    (tmp_path / "schemas").mkdir()
    paths = (str(OWNERS),) if words[0] in ("audit", "check") else ()
    told = _run(tmp_path, *words, *paths)
    assert told.returncode == 2
    assert told.stderr.startswith("error: two outputs cannot share ")
    assert told.stderr.endswith("; give each a file of its own\n")
    assert not (tmp_path / "one").exists()


def test_a_device_may_take_several(tmp_path: Path) -> None:
    told = _run(tmp_path, "check", "--format", "json=/dev/null", "--format", "junit=/dev/null", str(OWNERS))
    assert (told.returncode, told.stdout) == (0, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_check_that_is_ended_leaves_the_report_of_before(number: int, code: int, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"kind":"CapabilityLedger","apiVersion":"v9"}\n' * 200_000, encoding="utf-8")
    report = tmp_path / "report.json"
    report.write_text("the one before", encoding="utf-8")
    process = subprocess.Popen([*COMMAND, "check", "x.jsonl", "--format", "json=report.json"], cwd=tmp_path, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".srcos-*")) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (code, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "x.jsonl"]
    assert report.read_text("utf-8") == "the one before"


def test_no_report_of_an_audit_that_was_broken_off_looks_clean(tmp_path: Path) -> None:
    forms = {"json": "k.json", "junit": "k.xml", "markdown": "k.md", "sarif": "k.sarif", "tap": "k.tap", "gitlab": "k.gitlab"}
    asked = [word for name, file in forms.items() for word in ("--format", f"{name}={file}")]
    told = _run(tmp_path, "audit", str(OWNERS), "--report", "k.html", "--write-baseline", "known", *asked, TMPDIR="/none")
    assert told.returncode == 2
    assert told.stderr.startswith("error: the index cannot be written in /none, which TMPDIR names: No such file or directory")
    (found,) = json.loads((tmp_path / "k.json").read_text("utf-8"))["findings"]
    assert (found["rule"], found["severity"], found["file"]) == ("broken-off", "error", str(OWNERS))
    assert ElementTree.parse(tmp_path / "k.xml").getroot().get("failures") == "1"
    (result,) = json.loads((tmp_path / "k.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("broken-off", "error")
    for file in ("k.html", "k.md", "k.tap", "k.gitlab"):
        assert "broken-off" in (tmp_path / file).read_text("utf-8")
    assert not (tmp_path / "known").exists()


def test_a_report_names_the_first_of_what_was_audited(tmp_path: Path) -> None:
    for name in "abcdefg":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jsonl").touch()
    _run(tmp_path, "audit", *"abcdefg", "--report", "k.html")
    assert '"about": "a, b, c, d, e and 2 more"' in (tmp_path / "k.html").read_text("utf-8").replace('":"', '": "')


def test_a_file_whose_name_is_no_text_is_one_file_to_its_records_and_to_the_set(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    file.write_text("".join(json.dumps({**RECEIPT, "ownerRef": owner}) + "\n" for owner in ("", RECEIPT["ownerRef"])), "utf-8")
    told = _run(tmp_path, "audit", "--open", ".", "--report", "k.html", "--format", "sarif=k.sarif")
    assert (told.returncode, told.stderr) == (1, "1 file, 2 records: 3 errors, 0 warnings\n")
    results = json.loads((tmp_path / "k.sarif").read_text("utf-8"))["runs"][0]["results"]
    uris = {result["ruleId"]: result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results}
    assert uris["id-unique"] == "caf%E9.jsonl"
    assert len(uris) > 1
    assert set(uris.values()) == {"caf%E9.jsonl"}
    assert "caf\\\\xe9.jsonl" in (tmp_path / "k.html").read_text("utf-8")


def test_what_a_broken_off_audit_says_of_records_is_hidden_with_them(tmp_path: Path) -> None:
    told = _run(tmp_path, "audit", str(OWNERS), "--redact", "--format", "json", TMPDIR="/none")
    (found,) = json.loads(told.stdout)["findings"]
    assert (found["rule"], found["file"]) == ("broken-off", str(OWNERS))


def _ledger(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8") as stream:
        for number in range(count):
            record = {
                **RECEIPT,
                "receiptId": f"urn:srcos:browser-automation-receipt:r{number}",
                "sessionRef": f"urn:srcos:session:s{number}",
            }
            stream.write(json.dumps(record) + "\n")


@pytest.mark.parametrize("change", ["appended", "written over", "gone"])
def test_what_changed_while_it_was_audited_is_not_sealed(change: str, tmp_path: Path) -> None:
    folder, temporary = tmp_path / "set", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    _ledger(folder / "a.jsonl", 3)
    _ledger(folder / "b.jsonl", 20_000)
    process = subprocess.Popen(
        [*COMMAND, "audit", "set", "--open", "--seal", "seal", "--jobs", "1", "--select", "append-only"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not list(temporary.glob("*/records-*")) and time.monotonic() < until:
        time.sleep(0.01)
    # The first ledger was read before anything of it was written to the index.
    if change == "gone":
        (folder / "a.jsonl").unlink()
    else:
        with (folder / "a.jsonl").open("r+b") as stream:
            stream.seek(0, os.SEEK_END if change == "appended" else os.SEEK_SET)
            stream.write(b"{ }\n")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said == (
        "error: seal is not written: set/a.jsonl changed while it was audited, and the seal would vouch for what nobody judged; "
        "audit a copy, or again when nothing writes to it\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "tmp"]


def test_a_seal_follows_links_and_is_written_to_pipes(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("seal")
    os.mkfifo(tmp_path / "pipe")
    assert _run(tmp_path, "audit", str(OWNERS), "--open", "--select", "append-only", "--seal", "link").returncode == 0
    reading = subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert _run(tmp_path, "audit", str(OWNERS), "--open", "--select", "append-only", "--seal", "pipe").returncode == 0
    read, _ = reading.communicate(timeout=60)
    assert (tmp_path / "link").is_symlink()
    assert read == (tmp_path / "seal").read_bytes()
    assert read.startswith(b'{"seal":"srcos-contracts"')


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("audit", "--select", "append-only"), "not asked: append-only, which needs --since\n"),
        (("audit", "--open", "--select", "ref-unresolved"), "not asked: ref-unresolved, which is not asked with --open\n"),
        (("check", "--select", "append-only"), "not asked: append-only, which is about several records: srcos-validate audit\n"),
    ],
    ids=["history", "open", "check"],
)
def test_a_rule_that_is_selected_and_not_asked_is_told(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    told = _run(tmp_path, *words, str(OWNERS))
    assert told.stderr == f"2 files, 2 records: no finding of the selected rules\n{said}"


@pytest.mark.parametrize(
    ("assumed", "said"),
    [
        ("polcy", "error: no reference has the role polcy; did you mean policy?"),
        ("policy,,x", "error: no reference has the role x; there are "),
    ],
)
def test_a_role_that_no_reference_has_is_refused(assumed: str, said: str, tmp_path: Path) -> None:
    told = _run(tmp_path, "audit", "--assume", assumed, str(OWNERS))
    assert (told.returncode, told.stderr.startswith(said)) == (2, True)


def test_known_names_that_never_end_are_refused(tmp_path: Path) -> None:
    told = _run(tmp_path, "audit", "--known", "/dev/zero", str(OWNERS))
    assert (told.returncode, told.stderr) == (
        2,
        "error: /dev/zero holds more than 64 MiB of names; --assume takes all references of a role for known\n",
    )


def test_known_names_may_come_from_an_editor_of_windows(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps({**RECEIPT, "capabilityLedgerRef": None}), "utf-8")
    names = [RECEIPT["policyDecisionRef"], RECEIPT["sessionRef"]]
    (tmp_path / "ids.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(names).encode())
    told = _run(tmp_path, "audit", "--known", "ids.txt", "--select", "ref-unresolved", "--format", "json", "r.json")
    assert (told.returncode, json.loads(told.stdout)["findings"]) == (0, [])


def test_a_temporary_folder_may_have_any_name(tmp_path: Path) -> None:
    strange = tmp_path / "t[1]*?'"
    strange.mkdir()
    told = _run(tmp_path, "audit", "--open", "--format", "json", str(OWNERS), TMPDIR=str(strange))
    assert [finding["rule"] for finding in json.loads(told.stdout)["findings"]] == ["session-single-owner"]


def test_an_id_of_a_megabyte_is_cut_where_it_is_told(tmp_path: Path) -> None:
    name = "urn:srcos:session:" + "x" * 1_000_000
    for number, owner in enumerate(("urn:srcos:agent:a", "urn:srcos:agent:b")):
        receipt = {**RECEIPT, "receiptId": f"urn:srcos:browser-automation-receipt:r{number}", "sessionRef": name, "ownerRef": owner}
        (tmp_path / f"{number}.json").write_text(json.dumps(receipt), encoding="utf-8")
    told = _run(tmp_path, "audit", "--open", "--select", "session-single-owner", "--format", "json", ".")
    (found,) = json.loads(told.stdout)["findings"]
    assert found["rule"] == "session-single-owner"
    assert len(told.stdout) < 10_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "examples/MarkDone/0.1.0/valid", "--contract", "MarkDone"), "2 records of 2 files"),
        (("lint", "schemas/MarkDone"), "1 schema"),
        (("diff", "schemas", "schemas"), f"{len(Catalog.shipped().contracts)} contracts"),
        (
            ("conformance", "--level", "schema", "--contract", "HumanSteeringRequest", "--", sys.executable, "-m", CLIENT),
            "21 cases of 1 contract",
        ),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_where_nothing_is_found_it_is_said_what_was_judged(words: tuple[str, ...], said: str) -> None:
    command = words[: words.index("--")] if "--" in words else words
    told = _run(ROOT, *command, "--format", "tap", *words[len(command) :])
    assert (told.returncode, told.stdout) == (0, f"TAP version 14\nok 1 - {said}\n1..1\n")
