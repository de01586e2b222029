import json
from collections.abc import Callable
from typing import Any

import pytest

from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.review import ReviewView, find_reviews, view_review


@pytest.fixture
def view(made: Any, archive: Archive) -> ReviewView:
    (row,) = find_reviews(archive, made.edited.start.run)
    return view_review(archive, row)


def test_the_question_stands_with_what_it_turns_on_and_its_spans(view: ReviewView) -> None:
    question = view.question
    assert question is not None
    assert question.text.endswith("what stands in its way?")
    (finding,) = [one for one in view.findings if one.id in question.turns_on]
    assert finding.kind == "obligation"
    cited = {one.id: one for one in view.citations}
    assert [cited[name].slice for name in question.citations] == ["commitments", "transcript"]
    assert cited[question.citations[0]].element == cited[finding.citations[0]].element
    assert "extension form" in cited[question.citations[0]].quote


def test_each_finding_has_its_own_evidence(view: ReviewView) -> None:
    quotes = {one.id: one.quote for one in view.citations}
    for finding in view.findings:
        assert finding.citations
        if finding.kind == "obligation":
            assert quotes[finding.citations[0]] in finding.statement


def test_coverage_is_what_the_review_itself_counted(
    view: ReviewView, made: Any, archive: Archive
) -> None:
    (row,) = find_reviews(archive, made.edited.start.run)
    told = archive.value(archive.original(row).aside)["coverage"]
    assert {
        item.slice: {
            "elements": item.elements,
            "cited": item.cited,
            "obligations": item.obligations,
            "addressed": item.addressed,
        }
        for item in view.coverage
    } == told
    for item in view.coverage:
        assert sum(count > 0 for count in item.counts) == item.cited


def test_an_obligation_is_open_or_names_what_addresses_it(view: ReviewView) -> None:
    addressed = [one for one in view.obligations if one.is_addressed]
    (still_open,) = [one for one in view.obligations if not one.is_addressed]
    assert len(addressed) == 3
    assert all(one.citations and one.claims for one in addressed)
    assert still_open.text.text.startswith("Tell Henrik that June is not realistic")
    assert still_open.origin.file == "students/maya/commitments.yaml"


def test_a_review_that_is_gone_says_so(
    made: Any, archive: Archive, without: Callable[..., Archive]
) -> None:
    (row,) = find_reviews(archive, made.edited.start.run)
    view = view_review(without(row.output or ""), row)
    assert view.question is None
    assert view.missing == (
        "The review itself is gone from the store, or of a form that is not known here.",
    )
    assert len(view.obligations) == 4


def test_the_value_is_json(view: ReviewView) -> None:
    assert json.loads(json.dumps(to_json(view)))["stage"] == "review"
