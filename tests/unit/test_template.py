"""Liquid templates: where they stop to parse, in bounded time, and where that is in the file."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from srcos_contracts import check
from srcos_contracts.contracts.template import TemplateFault, template_fault
from srcos_contracts.reading.character import character_at


@pytest.mark.parametrize(
    "text",
    [
        "plain { text } %} }}",
        "{{ a }}{% if a %}{% else %}{% endif %}",
        "{% raw %}{{ {% if {% endraw %}{{ a }}",
        "{%- comment -%}{{ a | }}{%- endcomment -%}",
        "{% doc %}{{ {% enddoc %}",
        "{% liquid\nassign a = 1\necho a\n%}",
        "{% include 'not-there' %}",
    ],
)
def test_a_template_that_parses(text: str) -> None:
    assert template_fault(text) is None


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("x\n{{ a", "an output is not closed: }} is missing", "{{ a"),
        ("x {%- if a", "a tag is not closed: %} is missing", "{%- if a"),
        ("{{ a }} {{ b | }}", "expected word, found end of expression", "b | }}"),
        ("a\n{% bogus %}", "unexpected tag 'bogus'", "bogus %}"),
        ("{% endif %}", "unexpected tag 'endif'", "endif %}"),
        ("{% if a %}{% if b %}{% endif %}\n", "the tag if is never closed", "{% if a %}{% if"),
        ("{% if a %}\n{% for b in c %}{% endif %}", "unexpected tag 'endif'", "endif %}"),
        ("a {% raw %} {% endif %}", "the tag raw is never closed", "{% raw %}"),
        ("{% liquid\nif a\n%}", "the tag if is never closed", "if a\n%}"),
        ("{{ " + "x" * 200 + " @ }}", "unexpected '@'", "@ }}"),
    ],
)
def test_a_template_that_does_not_parse(text: str, message: str, at: str) -> None:
    fault = template_fault(text)
    assert fault is not None
    assert fault.message == message
    assert fault.offset is not None
    assert text[fault.offset :].startswith(at)


def test_a_message_is_cut_where_it_quotes_the_text() -> None:
    fault = template_fault("{% " + "x" * 5000 + " %}")
    assert fault is not None
    assert len(fault.message) == 120


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 1_000_000 + " }}",
        "{{" + " " * 1_000_000 + "}}",
        "{{" + " " * 7_000 + "}}",
        "{{ a" + " and a" * 1_000_000 + " }}",
        "{{" + " " * 1_000_000,
        ("{{" + " " * 300 + "}}") * 50_000,
        "{{ a }}" * 1_000_000,
        "{% raw %}" * 1_000_000,
        "{% doc %}" * 1_000_000,
        "{% comment %}" + "{{ " * 1_000_000 + "{% endcomment %}",
        "{% if a %}" * 1_000_000,
        "{{ a" + "[a" * 3_000 + " }}",
    ],
)
def test_no_template_takes_long(text: str) -> None:
    before = time.process_time()
    assert isinstance(template_fault(text), TemplateFault)
    assert time.process_time() - before < 5


def test_a_template_is_checked_with_what_a_plain_installation_brings(tmp_path: Path) -> None:
    requirements = (
        (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8").partition("dependencies = [")[2].partition("]")[0]
    )
    assert '"python-liquid' in requirements
    # Loading it takes longer than a check, so what has no tag does without.
    (tmp_path / "WORKFLOW.md").write_text("---\ntracker:\n  root: x\n---\nplain\n")
    program = "import sys; from srcos_contracts import check; print(check(sys.argv[1]), 'liquid' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program, str(tmp_path / "WORKFLOW.md")], capture_output=True, text=True, check=True)
    assert ran.stdout == "[] False\n"


FRONT = "tracker: {root: x}\nprompt_template: "


@pytest.mark.parametrize(
    ("name", "text", "place", "detail"),
    [
        ("w.yaml", FRONT + "|\n\n  Hi\n    {% bogus %}\n", (5, 8), ""),
        ("w.yaml", FRONT + "|2-\r\n    Hi\r\n  {% bogus %}", (4, 6), ""),
        ("w.yaml", FRONT + ">\n\n  Hi\n  {% bogus %}\n", (2, 18), ", in line 2, column 7 of the text"),
        ("w.yaml", FRONT + '"{% bogus %}"\n', (2, 22), ""),
        ("w.yaml", FRONT + '"\\x41{% bogus %}"\n', (2, 18), ", in line 1, column 5 of the text"),
        ("w.yaml", FRONT + "a {% bogus %}\n", (2, 23), ""),
        ("w.json", '{"tracker": {"root": "x"},\n "prompt_template": "\\u00e9\\ud83d\\ude80\\n \\"{% bogus"}', (2, 45), ""),
        ("w.md", "---\ntracker: {root: x}\n---\n\n{{ a }} {% bogus %}\n", (5, 12), ""),
    ],
)
def test_the_place_in_the_file(tmp_path: Path, name: str, text: str, place: tuple[int, int], detail: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    (found,) = check(tmp_path / name, contract="WorkflowConfig")
    assert (found.rule, found.pointer) == ("workflow-template", "/prompt_template")
    assert (found.location.line, found.location.column) == place
    said = "a tag is not closed: %} is missing" if name == "w.json" else "unexpected tag 'bogus'"
    assert found.detail == f"the template does not parse: {said}{detail}"


def test_a_record_without_a_file_has_the_place_in_words() -> None:
    (found,) = check({"tracker": {"root": "x"}, "prompt_template": "Hi\n{% bogus %}"}, contract="WorkflowConfig")
    assert found.detail == "the template does not parse: unexpected tag 'bogus', in line 2, column 4 of the text"


def test_a_character_after_the_end_of_what_is_written_is_not_found() -> None:
    assert character_at("|\n", (0, 2), "a\nb", 2, False) is None
