"""The styles in C: kernels.h is the contract, build.py compiles it, library.py loads it."""
