"""The command line, as ``python -m itp_carT``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="itp-cart")
