"""One run as one HTML file: its pages filled in as the server fills them in, and bound."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files

from markupsafe import Markup

from atelier.ledger.rows import RunRecord
from atelier.observatory.bundle.binding import Leaf, bind
from atelier.observatory.bundle.contents import Contents, contents_of, source_of
from atelier.observatory.bundle.options import Bundle, Options
from atelier.observatory.bundle.sheets import policy, sheet
from atelier.observatory.bundle.wanted import labels_of
from atelier.observatory.bundle.withheld import withheld
from atelier.observatory.pages.beside import Chosen, laid_out
from atelier.observatory.pages.filters import step
from atelier.observatory.pages.frame import Frame
from atelier.observatory.pages.paper import page
from atelier.observatory.pages.review import review_values
from atelier.observatory.pages.run import run_values
from atelier.observatory.reading.archive import Archive

# A file is read at any time: seen from here every moment is a date, and none is "5 min ago".
_LATER = datetime(9999, 1, 1, tzinfo=UTC)
_FRAME = Frame(now=_LATER)


def export_html(archive: Archive, run: RunRecord, options: Options) -> Bundle:
    """A run as one file that opens from a disk; equal runs and options give equal bytes.

    Raises:
        SetupError: the run is still under way.
    """
    source = source_of(archive, run)
    found = withheld(archive, contents_of(archive, source, run.start.run), options)
    sprite = (files("atelier.observatory") / "templates" / "marks.svg").read_text(encoding="utf-8")
    style = sheet()
    leaves = bind(_leaves(found), _addresses(found), sprite)
    unfound = tuple(_unfound(found, options, "".join(leaf.body for leaf in leaves)))
    text = page(
        "bundle.html",
        _FRAME,
        run=found.run,
        slices=found.slices,
        options=options,
        unfound=unfound,
        asked=found.asked,
        leaves=leaves,
        policy=policy(style),
        style=Markup(style),  # noqa: S704 - our own sheets
        markup=Markup,
    )
    return Bundle(
        run=source.start.run,
        asked=run.start.run,
        data=text.encode(errors="replace"),
        withheld=tuple(part.value for part in options.withheld),
        only_cited=options.only_cited,
        hidden=len(options.hide),
        unfound=unfound,
    )


def _unfound(found: Contents, options: Options, text: str) -> Iterator[str]:
    """What was to be withheld, and is nowhere: nothing in the file stands for it."""
    for name, labels in labels_of(found.run.parameters, options):
        if not any(label in text for label in labels):
            yield name


def _leaves(found: Contents) -> Iterator[Leaf]:
    for number, view in enumerate(found.artefacts):
        values = laid_out(view, Chosen(), cited_in=_cited_in(found))
        filled = page("reader.html", _FRAME, run=view.run, **values)
        yield Leaf(name=_numbered("artefact", number), title=view.emitted.path, page=filled)
    yield Leaf(name="run", title="Run", page=page("run.html", _FRAME, **run_values(found.run)))
    if found.claims.claims:
        filled = page("bundle_claims.html", _FRAME, run=found.run, found=found.claims)
        yield Leaf(name="claims", title="Claims", page=filled)
    stages = [review.stage for review in found.reviews]
    for number, review in enumerate(found.reviews):
        filled = page("review.html", _FRAME, **review_values(review, stages))
        yield Leaf(name=_numbered("review", number), title=f"Review: {review.stage}", page=filled)
    for row in found.rows:
        filled = page("row.html", _FRAME, row=row)
        yield Leaf(name=f"row-{row.seq}", title=row.stage, page=filled)


def _cited_in(found: Contents) -> Mapping[str, str]:
    """The stage of the run that put out each output: citations name the output that they are in."""
    return {row.output: row.stage for row in reversed(found.rows) if row.output}


def _addresses(found: Contents) -> dict[str, str]:
    """The leaf of every address of the server that is in the file."""
    run = f"/runs/{step(found.run.run)}"
    addresses = {run: "run"}
    if found.artefacts:
        addresses[f"{run}/artefact"] = "artefact"
    for number, review in enumerate(found.reviews):
        leaf = _numbered("review", number)
        addresses[f"{run}/review"] = leaf  # of several, the page is the last one's
        addresses[f"?stage={step(review.stage)}"] = leaf
    for row in found.rows:
        addresses[f"/rows/{row.seq}"] = f"row-{row.seq}"
        addresses[f"{run}/stages/{step(row.stage)}"] = f"row-{row.seq}"
    return addresses


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number + 1}" if number else name
