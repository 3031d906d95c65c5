"""Estates to seed into the emulator, each a module with `seed(story)` and a default time."""
