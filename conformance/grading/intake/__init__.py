"""What was handed in: files, zips, notebooks, folders, and whose they are. Nothing of it is executed here."""
