"""A file of a run: it is whole, every link in it leads somewhere, and equal runs give equal bytes."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile import PAYLOADS, hostile_ledger
from telltale import LIVE, RUN, SENTENCE, telltale_ledger

from atelier.harness import Harness
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import RunRecord
from atelier.observatory.bundle.contents import source_of
from atelier.observatory.bundle.export import export_html
from atelier.observatory.bundle.options import Options, parse_redactions
from atelier.observatory.reading.archive import Archive

PLAIN = Options()


class Markup(HTMLParser):
    """Every tag of a file with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        return [given[name] or "" for _, given in self.tags if name in given]


def get_run(archive: Archive, name: str = "latest") -> RunRecord:
    run = archive.find_run(name)
    assert run is not None
    return run


def text_of(archive: Archive, name: str = "latest", options: Options = PLAIN) -> str:
    return export_html(archive, get_run(archive, name), options).data.decode()


def test_every_part_of_a_run_is_in_its_file(coaching: Archive) -> None:
    bundle = export_html(coaching, get_run(coaching), PLAIN)
    text = bundle.data.decode()
    for words in ("The next question", "Obligations", "Why each stage ran", "What its key holds"):
        assert words in text
    for row in coaching.ledger.iter_stage_rows(bundle.run):
        assert f'id="row-{row.seq}"' in text
    claims = {one.claim for one in (_claims(coaching, bundle.run))}
    assert {name for name in claims if f'id="artefact.claim-{name}"' in text} == claims
    assert len(bundle.data) < 2_000_000


def _claims(archive: Archive, run: str) -> list:  # type: ignore[type-arg]
    handed = {
        item.whole
        for row in archive.ledger.iter_stage_rows(run)
        if row.stage == "synthesis"
        for item in row.consumed
    }
    return [claim for output in handed for claim in archive.ledger.iter_claims(output)]


@pytest.mark.parametrize("redact", [(), ("evidence", "subject", "parameters")])
def test_every_link_leads_to_a_place_in_the_file(
    coaching: Archive, redact: tuple[str, ...]
) -> None:
    markup = Markup(text_of(coaching, options=Options(parse_redactions(redact))))
    ids = Counter(markup.values("id"))
    assert [name for name, number in ids.items() if number > 1] == []
    links = markup.values("href")
    assert len(links) > 100
    assert [link for link in links if not link.startswith("#") or link[1:] not in ids] == []


def test_a_sentence_leads_by_clicks_to_the_row_that_its_evidence_was_cited_in(
    coaching: Archive,
) -> None:
    text = text_of(coaching)
    sentence = re.search(r'class="sentence[^>]*href="#(artefact\.claim-[0-9a-f]+)"', text)
    assert sentence is not None
    card = text[text.index(f'id="{sentence[1]}"') :]
    quote = re.search(r'<blockquote><a href="#(artefact\.e-[^"]+)"', card)
    assert quote is not None
    element = text[text.index(f'id="{quote[1]}"') :]
    row = re.search(r'href="#(row-\d+)"[^>]*>cited by', element)
    assert row is not None
    assert f'id="{row[1]}"' in text


def test_a_served_run_is_the_run_that_it_was_served_from_and_says_so(coaching: Archive) -> None:
    served, source = list(coaching.ledger.iter_runs(limit=2))
    assert served.served_from == source.start.run
    bundle = export_html(coaching, served, PLAIN)
    assert (bundle.asked, bundle.run) == (served.start.run, source.start.run)
    assert "served from cache" in bundle.data.decode()
    own = export_html(coaching, source, PLAIN)
    assert "served from cache" not in own.data.decode()
    assert own.digest == export_html(coaching, source, PLAIN).digest


def test_nothing_in_a_file_acts_or_asks(coaching: Archive) -> None:
    markup = Markup(text_of(coaching))
    tags = {tag for tag, _ in markup.tags}
    assert not tags & {"script", "link", "img", "iframe", "form", "input", "button", "base"}
    assert markup.values("src") == []
    assert [name for _, given in markup.tags for name in given if name.startswith("on")] == []
    policy = next(given["content"] for _, given in markup.tags if "http-equiv" in given)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_hostile_text_stays_text(coaching: Archive) -> None:
    ledger = hostile_ledger()
    text = export_html(
        Archive(ledger, ledger.find_blob),
        get_run(Archive(ledger, ledger.find_blob)),
        PLAIN,
    ).data.decode()
    hostile, plain = Markup(text), Markup(text_of(coaching))
    assert {tag for tag, _ in hostile.tags} - {tag for tag, _ in plain.tags} <= {"ins", "del"}
    assert [name for _, given in hostile.tags for name in given if name.startswith("on")] == []
    ids = set(hostile.values("id"))
    assert [link for link in hostile.values("href") if link[1:] not in ids] == []
    assert PAYLOADS[0] not in text
    assert "\u202e" not in text
    assert "U+202E" in text


def test_a_run_under_way_is_not_exported(telltale: Archive) -> None:
    record = get_run(telltale, LIVE)
    with pytest.raises(SetupError) as caught:
        source_of(telltale, record)
    assert caught.value.code == "export.running"


def test_a_run_that_printed_nothing_still_shows_its_claims() -> None:
    ledger = telltale_ledger(is_printed=False)
    text = text_of(Archive(ledger, ledger.find_blob), RUN)
    assert 'id="artefact"' not in text
    assert 'class="leaf opening" id="run"' in text
    claims = text[text.index('id="claims"') :]
    assert SENTENCE in claims
    assert "decided by rule" in claims


def test_a_run_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "atelier.toml").write_text("")
    with Harness.open(tmp_path) as harness, pytest.raises(SetupError) as caught:
        harness.export_html("0nothing")
    assert caught.value.code == "export.no_run"
