"""`python -m walkout`."""

from walkout.cli import main

main()
