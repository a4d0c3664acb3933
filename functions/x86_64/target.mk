# manylinux tags: pip does not widen one, so both that wheels use are named.
PLATFORMS := manylinux_2_28_x86_64 manylinux2014_x86_64
