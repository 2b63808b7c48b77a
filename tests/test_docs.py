from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(
    r"^(?P<mark>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=mark)$", re.M | re.S
)
QUOTE = re.compile(r"<!-- quoted from (?P<path>\S+) -->\s*\n")


@dataclass
class Block:
    language: str
    body: str
    line: int
    quoted_from: str | None


def blocks_of(page):
    text = page.read_text(encoding="utf-8")
    quotes = {m.end(): m["path"] for m in QUOTE.finditer(text)}
    return [
        Block(
            language=m["info"].strip(),
            body=m["body"],
            line=text.count("\n", 0, m.start()) + 2,
            quoted_from=quotes.get(m.start()),
        )
        for m in FENCE.finditer(text)
    ]


def page_id(page):
    return page.relative_to(ROOT).as_posix()


def run_page(page, monkeypatch):
    # Every python block of a page runs, in one namespace and in order. A text block
    # right after one says what it prints.
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    blocks = blocks_of(page)
    namespace = {"__name__": "__docs__"}
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block.language != "python" or block.quoted_from:
            continue
        # Blank lines first, so that a traceback names the line of the page.
        code = compile("\n" * (block.line - 1) + block.body, str(page), "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
        if after is not None and after.language == "text":
            assert printed.getvalue().strip() == after.body.strip(), (
                f"{page_id(page)}:{after.line} does not print what it says"
            )


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_code_blocks_run_and_print_what_they_say(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run_page(page, monkeypatch)


def test_a_wrong_output_is_noticed(tmp_path, monkeypatch):
    # A test of the test.
    page = ROOT / "docs" / "wrong.md"
    text = "```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n"
    monkeypatch.setattr(Path, "read_text", lambda self, **_: text)
    with pytest.raises(AssertionError, match="does not print what it says"):
        run_page(page, monkeypatch)


def stands_in(quote, source):
    # A line "..." in the quote stands for any lines; indentation as a whole may differ.
    parts = re.split(r"^\s*(?:# )?\.\.\.\s*$", quote, flags=re.M)
    text = [line.strip() for line in source.splitlines()]
    at = 0
    for part in parts:
        wanted = [line.strip() for line in part.strip("\n").splitlines()]
        for start in range(at, len(text) - len(wanted) + 1):
            if text[start : start + len(wanted)] == wanted:
                at = start + len(wanted)
                break
        else:
            return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_quoted_code_stands_in_the_file_it_is_quoted_from(page):
    for block in blocks_of(page):
        if block.quoted_from is None:
            continue
        source = ROOT / block.quoted_from
        assert source.is_file(), f"{page_id(page)}:{block.line} quotes no file"
        assert stands_in(block.body, source.read_text(encoding="utf-8")), (
            f"{page_id(page)}:{block.line} is not in {block.quoted_from} as quoted"
        )


def test_a_wrong_quote_is_noticed():
    assert stands_in("b\n...\nd", "a\n  b\nc\nd\n")
    assert not stands_in("b\nd", "a\nb\nc\nd\n")
    assert not stands_in("d\n...\nb", "a\nb\nc\nd\n")


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_to_files_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page_id(page)} -> {target}"
