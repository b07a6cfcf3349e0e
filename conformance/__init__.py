"""How agreement is decided. The only package that knows all the others."""
