"""What goes wrong on the way, and what the caller sees of it."""
