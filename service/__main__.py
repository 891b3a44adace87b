"""The way in, as `koe` or as `python -m service`: ready to be stopped before the slow imports begin."""

from service.ending import stop_in_order


def main() -> None:
    """Run the command line."""
    stop_in_order()
    from service import cli  # takes a second, in which Ctrl-C must work too

    cli.main()


if __name__ == "__main__":
    main()
