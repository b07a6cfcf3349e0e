"""What the checks are worth: which of them catches which mistake, how far right and wrong lie apart, how well mistakes are named."""
