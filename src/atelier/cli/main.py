"""The `atelier` command: a group that loads a command's file when the command is asked for."""

import sys
import warnings
from collections.abc import Iterator, MutableMapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from atelier.cli import exits
from atelier.cli.console import emit_error, safe, use_color
from atelier.cli.failures import UNEXPECTED, UNPRINTED, known_error
from atelier.cli.streams import abandon_output, require_streams
from atelier.kernel.errors import AtelierError, IntegrityError, StageError

# Each command: the file that holds it, and its line in the list of commands.
FIRST = {
    "run": ("run", "Run a workflow, or serve it from cache."),
    "plan": ("plan", "Say what a run would do, without doing it."),
    "why": ("why", "Say why a sentence, a stage or a value is what it is."),
    "runs": ("runs", "List the runs, newest first."),
    "show": ("show", "Show a run, or one stage of it."),
    "serve": ("serve", "Serve the ledger to a browser, and start workflows there."),
}
MORE = {
    "diff": ("diff", "Compare two runs, stage by stage."),
    "export": ("export", "Write a run as one HTML file that opens from a disk."),
    "packet": ("packet", "Show a packet, or what differs between two."),
    "graph": ("graph", "Draw the stages of a workflow."),
    "judge": ("judge", "Confirm or override the verdict of a claim, as a new row."),
    "doctor": ("doctor", "Check the install, and what somebody should look at."),
    "replay": ("replay", "Execute a recorded run again from its receipts, and compare."),
    "backtest": ("backtest", "Run recorded runs again with one thing swapped, in a shadow."),
    "models": ("models", "List the model classes, and what they are bound to."),
    "token": ("token", "Make, list and revoke tokens of `atelier serve`."),
    "blob": ("blob", "Read stored content by its digest."),
    "demo": ("demo", "Make a project with months of history, to look around in."),
}


class Commands(MutableMapping[str, click.Command]):
    """The commands by name; a command's file is imported when it is looked up."""

    def __init__(self) -> None:
        self._known: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._known:
            module, _ = {**FIRST, **MORE}[name]
            self._known[name] = getattr(import_module(f"atelier.cli.{module}"), name)
        return self._known[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._known[name] = command

    def __delitem__(self, name: str) -> None:
        del self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*FIRST, *MORE, *self._known]))

    def __len__(self) -> int:
        return len(list(iter(self)))


class _UnreadError(Exception):
    """Whoever read the output has gone; click answers a broken pipe itself, as a failure."""


class Main(click.Group):
    """The group: it turns what a command raises into one message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """The commands in the order of the help's pages."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The first page, then the rest; no command's file is read for it."""
        for heading, page in (("Commands", FIRST), ("More", MORE)):
            with formatter.section(heading):
                formatter.write_dl([(name, text) for name, (_, text) in page.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in exits.MEANINGS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _UnreadError from error

    def main(  # noqa: PLR0917 - click's signature
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002, FBT001, FBT002
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002
        **extra: Any,
    ) -> NoReturn:
        """Run a command and exit with its code."""
        given = list(sys.argv[1:] if args is None else args)
        extra |= {"complete_var": complete_var, "windows_expand_args": windows_expand_args}
        sys.exit(self._guarded(given, prog_name or "atelier", extra))

    def _guarded(self, args: list[str], prog_name: str, extra: dict[str, Any]) -> int:
        given = warnings.formatwarning
        warnings.formatwarning = _warning_line
        require_streams()
        try:
            done = super().main(args=args, prog_name=prog_name, standalone_mode=False, **extra)
            sys.stdout.flush()
        except click.ClickException as error:
            return _misused(error, as_json=wants_json(self, args))
        except (KeyboardInterrupt, click.Abort):
            return exits.INTERRUPTED
        except (BrokenPipeError, _UnreadError):  # whoever read us has gone; nothing is left to say
            abandon_output()
            return exits.UNREAD
        except Exception as error:  # noqa: BLE001 - the last place: a message, and no traceback
            self._debug(args, error)
            return self._ended(args, known_error(error))
        finally:
            warnings.formatwarning = given
        return done if isinstance(done, int) else exits.COMPLETE

    def _ended(self, args: list[str], error: AtelierError) -> int:
        """Print the error that ended a command."""
        can_print = error.code != UNPRINTED
        if not can_print:
            abandon_output()
        emit_error(error, as_json=can_print and wants_json(self, args))
        return code_of(error)

    def _debug(self, args: list[str], error: Exception) -> None:
        """Show the traceback where it was asked for."""
        if "--debug" in args:
            sys.excepthook(type(error), error, error.__traceback__)


def _warning_line(message: Warning | str, *_: object, **__: object) -> str:
    return f"warning: {safe(message)}\n"


def wants_json(command: click.Command, args: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, also where it is wrong: a value is no option."""
    if "--json" not in args:
        return False
    takes: set[str] = set()
    for before, word in zip(["", *args], args, strict=False):
        if word == "--":
            return False
        if before not in takes:
            if word == "--json":
                return True
            if isinstance(command, click.Group) and word in command.commands:
                command = command.commands[word]
                takes = {
                    name
                    for option in command.params
                    if isinstance(option, click.Option) and not option.is_flag
                    for name in option.opts
                }
    return False


def code_of(error: AtelierError) -> int:
    """The exit code of an error that ended a command."""
    match error:
        case IntegrityError():
            return exits.INTEGRITY
        case StageError():
            return exits.FAILED
        case _:
            return exits.FAILED if error.code in {UNEXPECTED, UNPRINTED} else exits.USAGE


def _misused(error: click.ClickException, *, as_json: bool) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return exits.USAGE
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "atelier"
    usage = context.get_usage().removeprefix("Usage: ") if context is not None else f"{path} --help"
    emit_error(
        AtelierError(
            "cli.usage",
            error.format_message(),
            facts={"usage": usage},
            next_step=f"See: {path} --help",
        ),
        as_json=as_json,
    )
    return exits.USAGE


@click.group(
    cls=Main,
    commands=Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@click.version_option(package_name="atelier-harness", prog_name="atelier")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run workflows whose every stage is cached by content and explained by a ledger.

    TARGET is a file that defines a workflow (path:name where it has several), a folder with a
    flow.py, or module:name; its parameters follow as NAME=VALUE.
    """
    use_color(ctx)
