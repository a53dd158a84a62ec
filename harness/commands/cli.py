"""The command line: it parses and hands over, nothing else. Heavy imports wait until a command needs them.

Every sub-command names its handler as "module:function"; what was parsed becomes the function's keyword arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from hessbench.harness.commands import exit_codes, streams
from hessbench.harness.commands.options import parser as parser
from hessbench.harness.commands.options import said_of_request
from hessbench.harness.usage import UsageError
from hessbench.results.stored.store import NotARun


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done; 1 the run or its report could not be written, `verify` or `compare` found a change; 2 bad input;
            3 no cell was ok, nothing could be compared; 4 `compare --strict` was left undecided; 130 stopped by Ctrl-C.
    """
    with streams.ready():
        try:
            code = _command(sys.argv[1:] if arguments is None else list(arguments))
            sys.stdout.flush()
            return code
        except UsageError as error:
            print(f"hessbench: {error}", file=sys.stderr)
            return error.code
        except NotARun as error:  # a journal is read late, and by any command
            print(f"hessbench: {error}", file=sys.stderr)
            return UsageError.code
        except KeyboardInterrupt:
            print("hessbench: stopped", file=sys.stderr)
            return exit_codes.STOPPED
        except MemoryError:
            print("hessbench: memory ran out; what was written before is kept", file=sys.stderr)
            return exit_codes.CANNOT_WRITE
        except streams.CannotPrint as error:
            if error.closed:  # `hessbench list methods | head`
                return 0
            print(f"hessbench: cannot write to standard output: {error.reason}", file=sys.stderr)
            return exit_codes.CANNOT_WRITE


def _command(given: list[str]) -> int:
    """The first word that is no option is the command; without one there is only help, or what is wrong."""
    command = next((word for word in given if not word.startswith("-")), "-")
    try:
        options = vars(parser(command).parse_args(given))
    except SystemExit:  # --help, which has been printed; what is wrong is a UsageError
        return 0
    return _call(options)


def _call(options: dict[str, Any]) -> int:
    """Hand over to the command's handler; here ends what is not typed."""
    handler, makes_request = options.pop("handler"), options.pop("makes_request")
    if options.pop("version"):
        from importlib.metadata import version

        print(version("hessbench"))
        return 0
    if handler is None:
        parser().print_help()
        return 0
    if makes_request:
        said = {name: options.pop(name, None) for name in said_of_request()}
        options["asked"] = {name: value for name, value in said.items() if value not in (None, [])}
    module, _, name = handler.partition(":")
    code: int = getattr(import_module(module), name)(**options)
    return code
