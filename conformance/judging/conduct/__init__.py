"""What no case asks: refusals, files, epochs, chance. Packages of this project are held to it, others' code is not.

The reference answers here too: what it refuses is refused, what it takes is taken. Right code that was written elsewhere checks its
arguments in its own way or not at all, and trains by a loop of its own; so none of this is asked of it.
"""
