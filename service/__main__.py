"""The way in, as `koe` or as `python -m service`: ready to be stopped before the slow imports begin."""

import gc

from service.ending import stop_in_order


def main() -> None:
    """Run the command line."""
    stop_in_order()
    gc.disable()  # what is loaded stays: looking for garbage among it takes a third of the time
    from service import cli  # takes a second, in which Ctrl-C must work too

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
