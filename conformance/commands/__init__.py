"""The commands, one file each. They parse, call and print; no logic."""
