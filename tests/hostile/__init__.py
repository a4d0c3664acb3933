"""Files that nobody means well with, and what the function makes of them."""
