# manylinux tags: pip does not widen one, so both that wheels use are named.
PLATFORMS := manylinux_2_28_aarch64 manylinux2014_aarch64
