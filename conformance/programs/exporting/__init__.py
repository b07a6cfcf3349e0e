"""Writing a folder of programs. Needs the framework, the cases and the judge; nothing of this is there where the programs run."""
