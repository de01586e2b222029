"""`atelier serve`: the ledger in a browser, and the button that starts a workflow."""

from pathlib import Path
from typing import Any

import click

from atelier.cli.options import Command, json_option, models_option, project_option
from atelier.observatory.extra import import_web


@click.command(cls=Command)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option(
    "--ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Show a copied ledger for reading alone, without a project.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="The port; by default 8765, or a free one where that is taken.",
)
@click.option(
    "--bind",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The address to listen at.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME[:PORT]",
    help="A name by which browsers may call this server; may be repeated.",
)
@click.option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The certificate, for HTTPS.",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The certificate's key.",
)
@click.option(
    "--i-terminate-tls",
    is_flag=True,
    help="A proxy of yours speaks HTTPS to browsers and hands on what comes.",
)
@click.option(
    "--scope",
    type=click.Choice(["read", "run", "admin"]),
    default="admin",
    show_default=True,
    help="What the printed link allows.",
)
@models_option
@json_option
@project_option
def serve(**given: Any) -> int:
    """Serve the ledger to a browser, and the workflows of TARGET to be started from there.

    Prints a link that signs one browser in, once. Without a TARGET, the workflow of the project's
    flow.py can be started, if it has one. Stop with Ctrl-C: what runs comes to its end first.
    """
    serving = import_web("atelier.cli.serving")
    code: int = serving.serve(serving.Wanted(**given))
    return code
