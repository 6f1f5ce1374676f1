"""``python -m huoshui`` runs the command line."""

from huoshui.project.cli import main

main()
