"""The command line: which verbs there are, and what exit status a run ends with.

The verbs themselves live in `livingdrug/commands/` and are named here as text, so that the file of a verb (and NumPy,
Numba, Polars … behind it) is imported when that verb is used and not before: `livingdrug --help` stays quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from livingdrug.commands.ending import ExitStatus
from livingdrug.errors import LivingdrugError, SolveInterrupted

__all__ = ["ExitStatus", "app", "main"]


EPILOGUE = (
    "Exit status: 0 fine; 1 the program failed, which is a bug worth reporting; 2 the input cannot be used, "
    "and the message says why; 3 the solver gave up on a patient; 130 interrupted."
)


def _version() -> str:
    from livingdrug.commands.version import as_lines

    return as_lines()


app = App(
    name="livingdrug",
    help="A digital twin of a CAR-T cell-therapy program: real and virtual patients, one set of rules.",
    help_epilogue=EPILOGUE,
    help_format="plaintext",
    version=_version,
    version_format="plaintext",
    # main() below turns results and errors into exit statuses, in one place.
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)

# One line per verb, in the order of --help: "module:function_or_app", its name, and the sentence that --help shows.
app.command("livingdrug.commands.therapies:therapies", name="therapies", help="List the therapies of the library.")
app.command("livingdrug.commands.rules:app", name="rules", help="List the rules of a journey, or show one whole.")
app.command("livingdrug.commands.networks:networks", name="networks", help="List networks, and how centers stand on a day.")
app.command("livingdrug.commands.show:show", name="show", help="Print one therapy or network whole, with sources.")
app.command("livingdrug.commands.check:check", name="check", help="Check therapy, network, scenario and population files.")
app.command("livingdrug.commands.cite:cite", name="cite", help="Print the sources of every number used.")
app.command("livingdrug.commands.simulate:simulate", name="simulate", help="Simulate a scenario beside what is published.")
app.command("livingdrug.commands.replay:replay", name="replay", help="Check a log of journeys against the rules.")
app.command("livingdrug.commands.calibrate:calibrate", name="calibrate", help="Fit a virtual population to published results.")
app.command(
    "livingdrug.commands.compare:compare", name="compare", help="Compare runs, published results and your own patients."
)
app.command("livingdrug.commands.columns:columns", name="columns", help="List the columns of a table of patients.")
app.command("livingdrug.commands.compile:compile_", name="compile", help="Compile models before they are needed.")
app.command("livingdrug.commands.models:app", name="models", help="List, show and run the models of the library.")
app.command("livingdrug.commands.report:report", name="report", help="Rebuild the report of a run.")
app.command("livingdrug.commands.serve:serve", name="serve", help="Run the care service, or a demo of it.")
app.command("livingdrug.commands.store:app", name="store", help="Make, back up, restore and export the store of journeys.")
app.command("livingdrug.commands.verify:verify", name="verify", help="Check the hash chains of a log or a store.")
app.command("livingdrug.commands.token:app", name="token", help="Make, list and take back tokens of the API.")
app.command("livingdrug.commands.accounts:app", name="accounts", help="Invite, list, make and close accounts of the service.")
app.command("livingdrug.commands.version:version", name="version", help="Show versions and machine, for bug reports.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with `arguments` (default: those of the process) and exit with an `ExitStatus`."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> ExitStatus:
    """Run one command and say how it ended; only a bug leaves as an exception, with its traceback and status 1."""
    try:
        ended = app(list(arguments), exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, SolveInterrupted) as stop:
        _say(str(stop) or "interrupted")
        return ExitStatus.INTERRUPTED
    except (CycloptsError, LivingdrugError) as error:
        _say(str(error))
        return ExitStatus.BAD_INPUT
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Without this, Python complains again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.FINE
    return ended if isinstance(ended, ExitStatus) else ExitStatus.FINE


def _say(message: str) -> None:
    print(f"livingdrug: {message}", file=sys.stderr)


if __name__ == "__main__":
    main()
