#!/bin/sh
# The kernel suite on a library built with the address and undefined-behavior sanitizers (gcc), and a random drive
# of the argument checks.  tests/engine/kernels/sanitize.sh [python with the test dependencies] [work folder]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
kernels=$root/functions/stylize/engine/kernels
python=${1:-python3}
work=${2:-$root/build/sanitize}
mkdir -p "$work"
cc=${CC:-gcc}

"$python" "$kernels/build.py" --cc "$cc" --sanitize --out "$work" --work "$work/objects"

# ASan comes first in the process; the interpreter's own leaks are not ours, and NumPy means its big allocations.
LD_PRELOAD="$("$cc" -print-file-name=libasan.so) $("$cc" -print-file-name=libubsan.so)" \
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
PYTHONMALLOC=malloc STYLIZE_TEST_LIBRARY="$work/libstylize_kernels.so" PYTHONPATH="$root/functions" \
    "$python" -m pytest -q --capture=sys -p no:cacheprovider --confcutdir "$here" "$here"

objects=$work/objects/kernels-$("$python" -c "import sys; sys.path.insert(0, '$kernels'); import build; print(build.host_arch())")
"$cc" -std=c11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -I"$kernels" -DSTANDALONE \
    "$here/fuzz_arguments.c" "$objects"/*-baseline.o -lm -o "$work/fuzz"
"$work/fuzz" 20000
echo "sanitize: clean"
