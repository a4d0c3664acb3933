"""The kernels of the styles in C: kernels.h is their contract, build.py compiles them, library.py loads them."""
