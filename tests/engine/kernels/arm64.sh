#!/bin/sh
# The arm64 kernels give the bytes of the x86-64 ones, at both targets: the objects that go into the libraries are
# linked with a small driver, and the arm64 program runs under qemu-user (apt-get install qemu-user).
# Run on x86-64, with a Python that has ziglang:  tests/engine/kernels/arm64.sh [python] [work folder]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../../functions/stylize/engine/kernels
python=${1:-python3}
work=${2:-$here/../../../build/arm64-check}
mkdir -p "$work"
export ZIG_GLOBAL_CACHE_DIR="$work/zig-cache" ZIG_LOCAL_CACHE_DIR="$work/zig-cache"

program() { # architecture, zig's name for it, target
    objects="$work/kernels-$1"
    "$python" -m ziglang cc -target "$2-linux-musl" -static -O1 -DKERNEL_TARGET="$3" -I"$kernels" \
        "$here/vectors.c" "$objects"/*-"$3".o -o "$work/vectors-$1-$3"
}

for arch in x86_64 arm64; do
    "$python" "$kernels/build.py" --arch $arch --out "$work/$arch" --work "$work" --cc ""
done
program x86_64 x86_64 avx2
program x86_64 x86_64 baseline
program arm64 aarch64 baseline

"$work/vectors-x86_64-avx2" > "$work/avx2.txt"
"$work/vectors-x86_64-baseline" > "$work/baseline.txt"
qemu-aarch64 "$work/vectors-arm64-baseline" > "$work/arm64.txt"
diff "$work/avx2.txt" "$work/baseline.txt"
diff "$work/avx2.txt" "$work/arm64.txt"
echo "arm64: $(wc -l < "$work/arm64.txt") paintings, the bytes of x86-64"
