import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from inline_snapshot import snapshot

from atelier.observatory.index.index import Index
from atelier.observatory.reading import sentence
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.provenance import history_of, in_toto, prov_json
from atelier.observatory.reading.why import view_why, why_artefact
from atelier.observatory.reading.why_text import why_text
from atelier.observatory.saying import artefacts_saying

PRINTED = "  Maya: “I sent the methods chapter to Henrik on Monday”.[^2][^3] **[contested]**"
SAID = "Maya: “I sent the methods chapter to Henrik on Monday”."
STAGES = ["draft", "crosscheck", "grounded", "crosschecked", "contested", "review", "synthesis"]


def assert_stages(found: Iterable[str]) -> None:
    """All of them, in the order in which they ended; those beside each other end in either."""
    listed = list(found)
    assert sorted(listed) == sorted(STAGES)
    assert listed[-1] == STAGES[-1]


@pytest.mark.parametrize("asked", [PRINTED, SAID])
def test_a_sentence_leads_to_claims_evidence_rows_and_run(
    made: Any, archive: Archive, asked: str
) -> None:
    view = view_why(archive, asked)
    assert view.kind == "sentence"
    assert view.run is not None
    assert view.run.run == made.edited.start.run, "the newest that says so"
    (claim,) = view.claims
    assert claim.verdict == "contested"
    assert [one.role for one in view.citations] == ["supports", "contradicts"]
    around = {each.citation: each.elements for each in view.context}
    assert [near.cited for near in around[view.citations[0].id]] == [False, True, False]
    assert {step.stage: step.because for step in view.steps}["draft"] == (
        "ran because transcript turn 94 changed"
    )
    assert {step.stage for step in view.steps} == set(STAGES)


def test_a_sentence_of_any_age_is_found_by_the_index(
    made: Any, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence, "LOOKED_THROUGH", 0)  # no artefact is among the newest
    assert view_why(archive, PRINTED).kind == "unknown"
    index = Index.temporary(archive.ledger, archive.read)
    saying = partial(artefacts_saying, index)
    index.catch_up()
    for asked in (PRINTED, SAID):
        view = view_why(archive, asked, saying)
        assert (view.kind, view.artefact.path if view.artefact else "") == (
            "sentence",
            "artefacts/maya/s12.md",
        )
    found = view_why(archive, PRINTED, saying)
    assert found.run is not None
    assert found.run.run == made.edited.start.run, "the newest that says so"
    monkeypatch.undo()
    parts = view_why(archive, "Henrik on Monday", saying)
    assert parts.kind == "part"
    assert SAID in [one.text for one in parts.candidates]
    assert {one.run for one in parts.candidates} == {made.edited.start.run}, "the newest"
    cut = view_why(archive, "sked Priya on Friday, at the coffee thi", saying)
    assert cut.line is not None, "the index knows no half of a word, the line does"
    assert cut.line.text.startswith("Maya: “I asked Priya on Friday")
    index.close()


@pytest.mark.parametrize("asked", ["the methods chapter to Henrik", "- to Henrik on Monday”[^2]"])
def test_a_part_of_several_sentences_names_each(archive: Archive, asked: str) -> None:
    view = view_why(archive, asked)
    assert view.kind == "part"
    assert len({one.text for one in view.candidates}) == len(view.candidates) > 1
    assert all("Henrik" in one.text for one in view.candidates)
    assert all(one.text in why_text(view) for one in view.candidates)


def test_a_part_of_one_sentence_alone_is_answered(archive: Archive) -> None:
    view = view_why(archive, "getting seven hours of sleep")
    assert view.kind == "sentence"
    assert view.line is not None
    assert "getting seven hours of sleep" in view.line.text


def test_a_sentence_that_the_index_has_not_read_yet_is_found(archive: Archive) -> None:
    index = Index.temporary(archive.ledger, archive.read)
    assert view_why(archive, SAID, partial(artefacts_saying, index)).kind == "sentence"
    index.close()


def test_a_sentence_is_asked_as_it_is_printed_or_as_it_was_said() -> None:
    for printed, said in [
        (r"Is 5 \* 3 &lt; 16?[^1]", "Is 5 * 3 < 16?"),
        (r"- 1\. She wrote \[^1] and _so_ on.", "1. She wrote [^1] and _so_ on."),
    ]:
        assert sentence.unescaped(sentence.plain(printed)) == said


def test_a_file_is_recognised_by_its_text_also_from_a_form(made: Any, archive: Archive) -> None:
    text = (made.root / "artefacts/maya/s12.md").read_text()
    for pasted, state in [
        (text, "as emitted"),
        (text.replace("\n", "\r\n").rstrip(), "as emitted"),
        (text.replace("twelve pages", "20 pages"), "edited"),
    ]:
        view = view_why(archive, pasted)
        assert (view.kind, view.state) == ("artefact", state)
        assert len(view.lines) > 30


def test_the_last_line_of_a_file_is_enough(made: Any, archive: Archive) -> None:
    emitted = (made.root / "artefacts/maya/s12.md").read_text()
    view = view_why(archive, emitted.splitlines()[-1])
    assert (view.kind, view.state) == ("artefact", "as emitted")
    assert len(view.lines) > 20


def test_a_run_and_a_digest_are_told_apart(made: Any, archive: Archive) -> None:
    run = made.edited.start
    assert view_why(archive, run.run).kind == "run"
    assert_stages(step.stage for step in view_why(archive, "latest").steps)
    packet = view_why(archive, run.packet.removeprefix("sha256:"))
    assert [role["role"] for role in packet.roles] == ["packet"]
    row = archive.find_stage_row(run.run, "review")
    assert row is not None
    output = view_why(archive, row.output or "")
    assert output.roles[0]["stage"] == "review"
    assert {step.stage for step in output.steps} == set(STAGES) - {"synthesis"}


def test_an_element_leads_to_the_claims_that_rest_on_it(archive: Archive) -> None:
    cited = view_why(archive, PRINTED).citations[0]
    view = view_why(archive, cited.element)
    assert [role["role"] for role in view.roles] == ["element"]
    texts = {one.text for one in view.resting}
    assert any(text.startswith("Maya said “I sent the methods chapter") for text in texts)
    assert {one.role for one in view.resting} == {"supports"}
    assert f"claim {view.resting[0].claim} of run {view.resting[0].run}" in why_text(view)


@pytest.mark.parametrize("asked", ["She flew to the moon.", "", "sha256:" + "0" * 64, "⁂"])
def test_what_nobody_said_is_unknown(archive: Archive, asked: str) -> None:
    view = view_why(archive, asked)
    assert view.kind == "unknown"
    assert "does not know" in why_text(view)


def test_the_answer_shows_the_statements_that_gave_it(archive: Archive) -> None:
    view = view_why(archive, PRINTED)
    (chain,) = [one for one in view.statements if one.name == "chain"]
    assert chain.sql.startswith("-- chain: ")
    assert "with recursive" in chain.sql


def test_the_answer_as_text_holds_the_whole_chain(
    archive: Archive, settled: Callable[[str], str]
) -> None:
    text = settled(why_text(view_why(archive, PRINTED)))
    assert text.partition("\nstage ")[0] + "\n" == snapshot("""\
Maya: “I sent the methods chapter to Henrik on Monday”.
  in artefacts/maya/s12.md, as emitted, DIGEST
  by synthesize-session, run RUN (complete), MOMENT
  over packet DIGEST
claim 41c71b07: contested, decided by rule
  Maya: “I sent the methods chapter to Henrik on Monday”.
  check quote (terra: rules@1) pass
  check speaker (terra: rules@1) pass
  check frame (terra: rules@1) pass
  searched: 6 of commitments, 7 of journal, 5 of prior_sessions, 1 of program, 204 of transcript
  supports: “I sent the methods chapter to Henrik on Monday”
    students/maya/s12.vtt:75 · Maya · 00:02:29, characters 19 to 65 (verbatim, found by stage)
  contradicts: “I did not send the methods chapter to Henrik on Monday.”
    journal id 113, characters 19 to 74 (verbatim, found by retrieval)
""")


def test_a_line_of_an_artefact_may_be_asked_by_number(made: Any, archive: Archive) -> None:
    row = next(archive.ledger.iter_artefacts(run=made.edited.start.run))
    assert why_artefact(archive, row, line=6).asked.startswith("Maya: “I sent the methods")
    nothing = why_artefact(archive, row, line=4)
    assert nothing.line is None
    assert nothing.claims == ()


def test_the_value_is_json(archive: Archive) -> None:
    found = json.loads(json.dumps(to_json(view_why(archive, PRINTED))))
    assert found["context"][0]["elements"][1]["cited"]


def test_prov_names_every_value_that_it_refers_to(made: Any, archive: Archive) -> None:
    row = next(archive.ledger.iter_artefacts(run=made.edited.start.run))
    found = prov_json(history_of(archive, row))
    assert found["@context"]["prov"] == "http://www.w3.org/ns/prov#"
    nodes = found["@graph"]
    known = [node["@id"] for node in nodes]
    assert len(known) == len(set(known)), "each stands there once"
    assert set(refs(nodes)) <= set(known)
    assert known[0] == f"atelier:{row.digest}"
    json.dumps(found)


def refs(value: Any) -> Iterator[str]:
    """What a graph refers to: every object that holds an `@id` alone."""
    if isinstance(value, dict):
        if value.keys() == {"@id"}:
            yield value["@id"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)


def test_the_statement_is_in_toto_and_slsa(made: Any, archive: Archive) -> None:
    row = next(archive.ledger.iter_artefacts(run=made.edited.start.run))
    statement = in_toto(history_of(archive, row))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"] == [
        {"name": "artefacts/maya/s12.md", "digest": {"sha256": row.digest.removeprefix("sha256:")}}
    ]
    predicate = statement["predicate"]
    assert predicate["buildDefinition"]["externalParameters"]["parameters"]["student"] == "maya"
    assert predicate["runDetails"]["metadata"]["invocationId"] == made.edited.start.run
    assert_stages(one["name"] for one in predicate["runDetails"]["byproducts"])
    names = [one["name"] for one in predicate["buildDefinition"]["resolvedDependencies"]]
    assert {"packet", "slice transcript", "recipe of draft"} <= set(names)
    json.dumps(statement)
