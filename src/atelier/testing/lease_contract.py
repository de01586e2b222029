"""What every store of leases promises, as tests: inherit `LeaseContract` and give it a factory."""

# ruff: noqa: D102 - the name of a test is what it claims

from collections.abc import Callable
from dataclasses import replace

import pytest

from atelier.ledger.lease_book import LeaseBook
from atelier.ledger.leases import LeaseStore, Owner
from atelier.ledger.owner import this_process

MakeLeases = Callable[[LeaseBook], LeaseStore]


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def owner(name: str, *, host: str = "here", boot: str | None = None) -> Owner:
    """An owner of this boot, unless another one is named."""
    me = this_process()
    return replace(me, host=host, boot=boot or me.boot, token=name)


class LeaseContract:
    """The promises of `LeaseStore`; a subclass overrides the fixture `make`."""

    @pytest.fixture
    def make(self) -> MakeLeases:
        """Opens the store under test; what it opens twice holds the same leases."""
        raise NotImplementedError

    def test_one_of_all_who_ask_is_granted_a_key(self, make: MakeLeases) -> None:
        leases = make(LeaseBook())
        first, second = owner("first"), owner("second")
        assert leases.acquire(["a", "b"], first) == {"a", "b"}
        assert leases.acquire(["b", "c"], second) == {"c"}
        assert leases.acquire(["a"], first) == frozenset(), "two runs of one process are two"
        assert leases.find_holders(["a", "b", "c", "d"]) == {"a": first, "b": first, "c": second}
        leases.close()

    def test_only_the_holder_releases(self, make: MakeLeases) -> None:
        leases = make(LeaseBook())
        first, second = owner("first"), owner("second")
        leases.acquire(["a", "b"], first)
        leases.release(["a", "b", "unknown"], second)
        assert leases.acquire(["a", "b"], second) == frozenset()
        leases.release(["a"], first)
        assert leases.acquire(["a", "b"], second) == {"a"}
        leases.close()

    def test_what_was_heard_stays_equal_until_somebody_else_was_granted_a_key(
        self, make: MakeLeases
    ) -> None:
        book = LeaseBook(dead=lambda found: found.token == "dead")  # noqa: S105 - a name
        ours, theirs = make(book), make(book)
        first, second = owner("first"), owner("second")
        ours.acquire(["a"], first)
        heard = ours.heard()
        ours.release(["a"], first)
        ours.acquire(["a"], first)
        ours.acquire(["b"], first)
        assert ours.heard() == heard, "nobody else was there"
        theirs.acquire(["c"], second)
        theirs.release(["c"], second)
        ours.acquire(["d"], first)
        assert ours.heard() != heard, "somebody came and went between"
        theirs.acquire(["e"], owner("dead"))
        ours.acquire(["f"], first)
        heard = ours.heard()
        assert ours.acquire(["e"], first) == {"e"}
        assert ours.heard() != heard, "the dead was at work until it died"
        for leases in {id(one): one for one in (ours, theirs)}.values():
            leases.close()

    def test_a_dead_owner_is_replaced_at_once(self, make: MakeLeases) -> None:
        dead = owner("dead")
        leases = make(LeaseBook(dead=lambda found: found.token == "dead"))  # noqa: S105 - a name
        leases.acquire(["a"], dead)
        assert leases.find_holders(["a"]) == {}
        assert leases.acquire(["a"], owner("next")) == {"a"}
        leases.release(["a"], dead)
        assert leases.find_holders(["a"]) == {"a": owner("next")}, "the dead give nothing back"
        leases.close()

    def test_a_lease_that_is_not_renewed_expires(self, make: MakeLeases) -> None:
        clock = Hands()
        leases = make(LeaseBook(term=30, seconds=clock, dead=lambda _: False))
        first, second = owner("first"), owner("second")
        leases.acquire(["a", "b"], first)
        leases.acquire(["c"], second)
        clock.now += 20
        leases.renew(first)
        clock.now += 20
        assert leases.find_holders(["a", "b", "c"]) == {"a": first, "b": first}
        assert leases.acquire(["a", "c"], owner("third")) == {"c"}
        leases.close()

    def test_a_lease_of_another_machine_counts_from_when_it_was_seen(
        self, make: MakeLeases
    ) -> None:
        clock = Hands()
        leases = make(LeaseBook(term=30, seconds=clock, dead=lambda _: False))
        far = owner("far", host="there", boot="another boot")
        clock.now = 5_000_000
        leases.acquire(["a"], far)
        clock.now = 10.0
        assert leases.find_holders(["a"]) == {"a": far}, "its clock says nothing here"
        clock.now += 31
        assert leases.acquire(["a"], owner("next")) == {"a"}
        leases.close()

    def test_acquiring_nothing_grants_nothing(self, make: MakeLeases) -> None:
        leases = make(LeaseBook())
        assert leases.acquire([], owner("first")) == frozenset()
        assert leases.find_holders([]) == {}
        leases.close()
