"""One file a command. Each parses, calls and prints; what is decided is decided elsewhere."""
