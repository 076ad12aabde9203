"""`gazetteer`: the commands, and what a command ends with. A command is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, NoReturn

import click

from gazetteer import __version__
from gazetteer.failures import Exit, Failure

#: Name of a command, and what it does in few words.
COMMANDS = {
    "lint": "Judge product folders without a server.",
    "diff": "Say what a push would change, what breaks, and for whom.",
    "push": "Register products with their contracts.",
    "export": "Write a product or contract of the server as documents.",
    "search": "Find products and datasets.",
    "open": "Open the page of a product.",
}
EPILOG = """\b
Ends with 0: done, nothing broken; 1: refused; 2: breaking; 3: not allowed;
4: not found; 5: no server, or no Gazetteer; 64: wrong usage; 130: interrupted."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"gazetteer.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="gazetteer")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keep data products in git: lint, compare and push their folders; read and find what is there.

    The server is named by --url or GAZETTEER_URL, and you by GAZETTEER_TOKEN.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and end the process with what it says."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run a command; return its exit code. No error of the outside world shows a traceback."""
    try:
        done: Any = cli.main(arguments, prog_name="gazetteer", standalone_mode=False)
        sys.stdout.flush()
        return int(done or Exit.FINE)
    except Failure as failure:
        return _told(failure, arguments)
    except click.ClickException as error:
        error.show()
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.FINE)


def _told(failure: Failure, arguments: list[str]) -> int:
    from gazetteer import console

    if "--json" in arguments:
        rows = [{"path": f.path, "value": f.value, "message": f.message} for f in failure.faults]
        body = {"exitCode": int(failure.exit), "message": str(failure), "errors": rows}
        console.document({"error": body})
    console.aside(f"{console.colored('error', fg='red')}: {console.plain(failure)}")
    for fault in failure.faults:
        where = f"{fault.path}: " if fault.path else ""
        value = "" if fault.value is None else f"{console.brief(fault.value)}: "
        console.aside(f"  {console.plain(where)}{value}{console.plain(fault.message)}")
    return int(failure.exit)
