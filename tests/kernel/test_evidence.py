"""Evidence types refuse to be inconsistent; ids and handles come from content alone."""

from typing import Any

import pytest
from pydantic import ValidationError

from atelier.kernel.digest import digest
from atelier.kernel.evidence import (
    Address,
    Check,
    CheckOutcome,
    Citation,
    Cite,
    Claim,
    ClaimKind,
    GroundedClaim,
    Role,
    Span,
    Verdict,
    claim_ids,
    flag_of,
    handles,
)
from atelier.kernel.form import form_of

ELEMENT = digest({"text": "I slept for six hours."})
CLAIM = Claim(id="0" * 8, span=Span(start=0, end=7), text="I slept")


def cited(*roles: Role) -> tuple[Citation, ...]:
    address = Address(slice="journal", element=ELEMENT, pointer="/text", span=Span(start=2, end=7))
    return tuple(Citation(address=address, quote="slept", role=role) for role in roles)


def grounded(verdict: Verdict, *roles: Role, **fields: Any) -> GroundedClaim:
    fields = {"flag": flag_of(verdict), **fields}
    return GroundedClaim(claim=CLAIM, verdict=verdict, citations=cited(*roles), **fields)


CONSISTENT = [
    (Verdict.SUPPORTED, [Role.SUPPORTS], ""),
    (Verdict.PARTIAL, [Role.SUPPORTS], "contested: partial"),
    (Verdict.CONTRADICTED, [Role.CONTRADICTS], "contested: contradicted"),
    (Verdict.CONTESTED, [Role.SUPPORTS, Role.CONTRADICTS], "contested"),
    (Verdict.UNSUPPORTED, [], "contested: unsupported"),
    (Verdict.UNVERIFIED, [], "contested: unverified"),
    (Verdict.OUT_OF_SCOPE, [], ""),
]


@pytest.mark.parametrize(("verdict", "roles", "flag"), CONSISTENT)
def test_a_verdict_with_its_citations_carries_its_flag(
    verdict: Verdict, roles: list[Role], flag: str
) -> None:
    claim = grounded(verdict, *roles)
    assert claim.flag == flag
    form = form_of(GroundedClaim)
    assert form.decode(form.encode(claim)) == claim


@pytest.mark.parametrize(
    ("verdict", "roles", "fields", "why"),
    [
        (Verdict.SUPPORTED, [], {}, "cites what supports it"),
        (Verdict.SUPPORTED, [Role.QUALIFIES], {}, "cites what supports it"),
        (Verdict.PARTIAL, [], {}, "cites what supports it"),
        (Verdict.SUPPORTED, [Role.SUPPORTS, Role.CONTRADICTS], {}, "is contested, not supported"),
        (Verdict.PARTIAL, [Role.SUPPORTS, Role.CONTRADICTS], {}, "is contested, not partial"),
        (
            Verdict.CONTRADICTED,
            [Role.SUPPORTS, Role.CONTRADICTS],
            {},
            "is contested, not contradicted",
        ),
        (Verdict.CONTRADICTED, [Role.SUPPORTS], {}, "cites what contradicts it"),
        (Verdict.CONTESTED, [Role.SUPPORTS], {}, "cites what contradicts it"),
        (Verdict.CONTESTED, [], {}, "cites what contradicts and what supports it"),
        (Verdict.SUPPORTED, [Role.SUPPORTS], {"flag": "contested"}, "flagged exactly when"),
        (Verdict.UNSUPPORTED, [], {"flag": ""}, "flagged exactly when"),
        (Verdict.OUT_OF_SCOPE, [], {"flag": "contested"}, "flagged exactly when"),
        (
            Verdict.UNSUPPORTED,
            [],
            {"flag": "contested: partial"},
            "the flag of a claim that is unsupported",
        ),
        (
            Verdict.SUPPORTED,
            [Role.SUPPORTS],
            {"checks": (Check(name="numbers", outcome=CheckOutcome.FAIL, by="rule"),)},
            "no failed check",
        ),
        (Verdict.UNVERIFIED, [], {"decided_by": "nobody"}, "decided_by"),
        (Verdict.UNVERIFIED, [], {"certainty": 0.9}, "Extra inputs are not permitted"),
    ],
)
def test_an_inconsistent_claim_cannot_be_constructed(
    verdict: Verdict, roles: list[Role], fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        grounded(verdict, *roles, **fields)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Span, {"start": 3, "end": 3}),
        (Span, {"start": 4, "end": 3}),
        (Span, {"start": -1, "end": 3}),
        (Address, {"slice": "a", "element": "sha256:short"}),
        (Address, {"slice": "a", "element": ELEMENT + "\n"}),
        (Address, {"slice": "a", "element": ELEMENT, "pointer": "text"}),
        (Address, {"slice": "a", "element": ELEMENT, "occurrence": 0}),
        (Citation, {"address": Address(slice="a", element=ELEMENT), "quote": ""}),
        (Cite, {"handle": "a"}),
        (Claim, {"id": "0" * 12, "span": Span(start=0, end=1), "text": "a"}),
        (Claim, {"id": "XYZ45678", "span": Span(start=0, end=1), "text": "a"}),
    ],
)
def test_a_malformed_part_cannot_be_constructed(kind: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind(**fields)


def test_a_pointer_may_name_any_key_that_json_has() -> None:
    assert Address(slice="a", element=ELEMENT, pointer="/two\nlines/0").pointer == "/two\nlines/0"


def test_values_are_immutable() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(CLAIM, "text", "changed")  # noqa: B010 - the type checker refuses it, too


def test_only_what_states_something_needs_support() -> None:
    assert [kind.value for kind in ClaimKind if not kind.needs_support] == [
        "advice",
        "question",
        "heading",
    ]


# Two texts whose ids agree in their first 8 hex, found by search.
TWINS = ("I ran 34215 miles.", "I ran 67386 miles.")


def test_claims_have_ids_by_text_and_occurrence() -> None:
    ids = claim_ids(["I slept.", "I ran.", "I slept."])
    assert len(set(ids)) == 3
    assert all(len(identity) == 8 for identity in ids)
    assert claim_ids(["I slept.", "I slept."]) == [ids[0], ids[2]]
    assert claim_ids([]) == []


def test_claims_whose_short_ids_clash_take_sixteen_hex() -> None:
    one, two, other = claim_ids([*TWINS, "I ran."])
    assert one[:8] == two[:8]
    assert one != two
    assert [len(one), len(two), len(other)] == [16, 16, 8]
    assert Claim(id=one, span=Span(start=0, end=1), text=TWINS[0]).id == one


def test_handles_are_named_by_slice_and_content() -> None:
    first, second = "sha256:" + "a1" * 32, "sha256:" + "b2" * 32
    assert handles([("journal", first), ("notes", first), ("journal", second)]) == [
        "journal-a1a1a1a1",
        "notes-a1a1a1a1",
        "journal-b2b2b2b2",
    ]
    assert handles([]) == []


def test_equal_elements_are_numbered_in_order() -> None:
    same = ("journal", "sha256:" + "a1" * 32)
    assert handles([same, same, same]) == [
        "journal-a1a1a1a1",
        "journal-a1a1a1a1.2",
        "journal-a1a1a1a1.3",
    ]


def test_handles_that_clash_take_sixteen_hex_and_only_they() -> None:
    one = "sha256:" + "a1a1a1a1" + "0" * 56
    two = "sha256:" + "a1a1a1a1" + "1" * 56
    elements = [("journal", one), ("journal", two), ("journal", one), ("notes", one)]
    assert handles(elements) == [
        "journal-a1a1a1a100000000",
        "journal-a1a1a1a111111111",
        "journal-a1a1a1a100000000.2",
        "notes-a1a1a1a1",
    ]


def test_a_handle_does_not_depend_on_the_order_of_elements() -> None:
    elements = [("journal", digest(number)) for number in range(50)]
    forward = dict(zip(elements, handles(elements), strict=True))
    backward = dict(zip(elements[::-1], handles(elements[::-1]), strict=True))
    assert forward == backward
