"""A row's leaf commits to every column and every input."""

from dataclasses import fields, replace
from pathlib import Path

from atelier.kernel.digest import commitment
from atelier.ledger.columns import bindings, inputs_of
from atelier.ledger.connection import Access, connect
from atelier.ledger.leaf import leaf_content
from atelier.ledger.rows import Consumed, Outcome, Row, Supply
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import add, ran, reads, start

ROW = Row(
    run="r1",
    stage="a",
    outcome=Outcome.RAN,
    recorded_at="now",
    seq=1,
    consumed=(Consumed(parameter="p", supply=Supply.STAGE, source="s", digest="d", whole="w"),),
)
OTHER = {"outcome": Outcome.FAILED, "sound": False, "unseen": ({"what": "x"},), "consumed": ()}


def content(row: Row) -> bytes:
    return leaf_content(bindings(row), inputs_of(row))


def test_every_field_of_a_row_is_in_its_leaf() -> None:
    for field in fields(ROW):
        value = getattr(ROW, field.name)
        other = OTHER.get(field.name, {"x": 1} if field.name == "error" else 7)
        changed = replace(ROW, **{field.name: other})
        assert value != other
        assert content(changed) != content(ROW), f"{field.name} can be edited unseen"


def test_every_part_of_an_input_is_in_the_leaf() -> None:
    [one] = ROW.consumed
    for field in fields(one):
        other = Supply.SLICE if field.name == "supply" else "other"
        changed = replace(ROW, consumed=(replace(one, **{field.name: other}),))
        assert content(changed) != content(ROW), f"{field.name} can be edited unseen"


def test_the_stored_leaf_is_the_commitment_to_the_row_as_stored(
    ledger: SqliteLedger, path: Path
) -> None:
    rows = (
        replace(ran("r1", "a", key="k"), consumed=(reads("b", "w"),), seconds=0.1),
        ran("r1", "a", key="k", output="other"),
    )
    kept = add(ledger, start("r1"), Commit(rows=rows))
    connection = connect(path, Access.READ)
    stored = connection.execute("select leaf, salt from row join salt using (seq)").fetchall()
    connection.close()
    assert [leaf for leaf, _ in stored] == [
        commitment(salt, content(row)) for row, (_, salt) in zip(kept, stored, strict=True)
    ]
    assert len({leaf for leaf, _ in stored}) == 2
