"""The options that commands share."""

from pathlib import Path
from typing import Any

import click


class Command(click.Command):
    """A command that shows its own tracebacks with `--debug`, as every command does."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params.append(
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                help="Show the traceback of an error.",
            )
        )


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
)
models_option = click.option(
    "--model",
    "models",
    multiple=True,
    metavar="CLASS=USE",
    help="Bind a model class to offline or provider:name this time; may be repeated.",
)
project_option = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="The project, where it is not found from here upward.",
)
