"""Losses of predictions, one file a family. A sample's loss is summed over its features; the reduction is over the batch."""
