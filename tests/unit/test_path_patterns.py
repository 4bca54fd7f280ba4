"""Patterns for paths, as a configuration states them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from srcos_contracts.reading.path_patterns import PathPatterns, why_no_pattern


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("a.json", ["a.json", "./a.json", "b/../a.json"], ["b/a.json", "a.jsonl", "A.json", "../a.json"]),
        ("old", ["old", "old/a.json", "old/x/.y/b.json"], ["older/a.json", "x/old/a.json"]),
        ("old/", ["old/a.json"], ["older/a.json"]),
        ("*.json", ["a.json", ".a.json", "a.json/b"], ["x/a.json", "a.jsonl"]),
        ("**/*.json", ["a.json", "x/y/z/a.json", ".x/a.json"], ["a.yaml", "../a.json"]),
        ("old/**", ["old/a", "old/x/y"], ["old", "a/old/x"]),
        ("**", ["a", "a/b"], ["../a"]),
        ("a/**/b/**/c.json", ["a/b/c.json", "a/1/2/b/3/c.json"], ["a/c.json", "a/b/3/d.json"]),
        ("x?/[ab].json", ["x1/a.json", "xy/b.json"], ["x/a.json", "x1/c.json"]),
        ("../up/*.json", ["../up/a.json"], ["up/a.json", "../a.json"]),
        ("[!a].json", ["b.json"], ["a.json"]),
        ("a[", ["a["], ["a"]),
    ],
)
def test_a_pattern_fits(tmp_path: Path, pattern: str, fitting: list[str], others: list[str]) -> None:
    patterns = PathPatterns(str(tmp_path), (pattern,), str(tmp_path))
    assert [file for file in (*fitting, *others) if patterns.fit(file)] == fitting
    assert [file for file in (*fitting, *others) if patterns.fit(str(tmp_path / file))] == fitting


def test_names_are_relative_to_where_the_command_began(tmp_path: Path) -> None:
    patterns = PathPatterns(str(tmp_path), ("sub/*.json",), str(tmp_path / "sub"))
    assert patterns.fit("a.json")
    assert not patterns.fit("sub/a.json")
    assert patterns.fit("../sub/a.json")


def test_a_folder_that_was_come_to_by_a_link_is_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real" / "sub").mkdir(parents=True)
    os.symlink("real", tmp_path / "link")
    patterns = PathPatterns(str(tmp_path / "real"), ("sub/a.json",), str(tmp_path / "real"))
    assert patterns.fit(str(tmp_path / "link" / "sub" / "a.json"))


def test_a_linked_folder_is_where_the_link_is(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here").mkdir()
    os.symlink("../elsewhere", tmp_path / "here" / "data")
    assert PathPatterns(str(tmp_path / "here"), ("data/*.json",), str(tmp_path / "here")).fit("data/a.json")


def test_a_place_elsewhere_fits_nothing(tmp_path: Path) -> None:
    assert not PathPatterns(str(tmp_path), ("**",), str(tmp_path)).fit("hdfs://host/a.json")


def test_many_ways_to_match_cost_no_more_than_one(tmp_path: Path) -> None:
    patterns = PathPatterns(str(tmp_path), ("**/a/" * 30 + "b",), str(tmp_path))
    assert not patterns.fit("a/" * 200 + "c")
    assert patterns.fit("a/" * 200 + "b")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a/**/b", ""),
        ("../a", ""),
        ("../../*.json", ""),
        ("/a", "a pattern is relative to the folder of its file"),
        ("a/../b", "in a pattern, .. stands at the beginning only"),
        ("./", "a pattern names files or folders"),
        (".", "a pattern names files or folders"),
    ],
)
def test_what_is_no_pattern(text: str, why: str) -> None:
    assert why_no_pattern(text) == why
