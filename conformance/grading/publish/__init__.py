"""What a teacher hands out: starter files, autograders and classroom files, and the wheel that they install."""
