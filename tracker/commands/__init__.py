"""The commands of `billwatch`, one file a group; tracker/cli.py puts them together."""
