"""Full models, one file each."""
