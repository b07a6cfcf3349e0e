"""What survives a target that ends the process: a second process watches, and the two share a page of memory."""
