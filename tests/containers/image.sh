#!/usr/bin/env bash
# Imports a stand-in for Lambda's base image: busybox, this machine's C library, a Python 3.13 with Lambda's client and
# boto3, and a bootstrap that puts them together as Lambda does. What it can't show: Amazon Linux itself, whose glibc is
# older than Debian's; `make build` checks for that.
#
#     image.sh PYTHON NAME      PYTHON: that of a venv with awslambdaric and boto3
set -euo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR
python=$1 name=$2
folder=$(dirname "$0")

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,opt,usr/bin,var/task,var/runtime,var/lang/bin,var/lang/lib}
chmod 1777 "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
chroot "$root" /bin/busybox --install -s /bin
ln -s ../../bin/env "$root/usr/bin/env"
echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"

base=$("$python" -c 'import sys; print(sys.base_prefix)')
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cp "$base/bin/python3.13" "$root/var/lang/bin/"
cp -R "$base/lib/python3.13" "$root/var/lang/lib/"
cp -P "$base"/lib/libpython3.13.so* "$root/var/lang/lib/" 2>/dev/null || true
rm -rf "$root"/var/lang/lib/python3.13/{test,idlelib,tkinter,turtledemo,config-3.13*,site-packages,lib-dynload/_tkinter*}
cp -R "$packages" "$root/var/lang/lib/python3.13/site-packages"

# Whatever Python, its modules and the packages link to on this machine, at the same place; and what the layer links to.
find "$root/var/lang" -type f \( -name '*.so*' -o -name python3.13 \) -exec ldd {} \; 2>/dev/null |
    awk '/=> \//{print $3} /^\t\//{print $1}' | grep -v "^$base\|^$root" > "$root/libraries"
known=$(ldconfig -p)
for library in libstdc++.so.6 libgcc_s.so.1 libdl.so.2 librt.so.1 libutil.so.1 libresolv.so.2 libnss_files.so.2; do
    awk -v library="$library" '$1 == library {print $NF; exit}' <<< "$known" >> "$root/libraries"
done
sort -u "$root/libraries" | while read -r library; do
    install -D "$library" "$root$library"
done
rm "$root/libraries"

install -m 755 "$folder/bootstrap" "$root/var/runtime/bootstrap"

# PATH and LD_LIBRARY_PATH are those of the image that it stands in for.
tar -C "$root" -c . | podman import --quiet \
    --change 'WORKDIR /var/task' \
    --change 'ENV LANG=en_US.UTF-8' \
    --change 'ENV TZ=:/etc/localtime' \
    --change 'ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin' \
    --change 'ENV LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib' \
    --change 'ENV LAMBDA_TASK_ROOT=/var/task' \
    --change 'ENV LAMBDA_RUNTIME_DIR=/var/runtime' \
    - "$name"
