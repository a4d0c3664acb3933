#!/usr/bin/env bash
# Runs a command with a container engine that `sam local` can use, and leaves nothing of the engine behind.
#
#     engine.sh COMMAND...
#
# Docker, where it answers. Otherwise podman, as root, in network and mount namespaces of its own: what runs in there
# reaches no network but its own, and nothing outside reaches it. The command finds DOCKER_HOST, and in HOST_ADDRESS the
# address at which a container reaches servers of the command, in SAM_LOCAL_ARGUMENTS what `sam local` has to be told.
set -euo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

if [ "${1:-}" != --inside ]; then
    if docker info > /dev/null 2>&1; then
        HOST_ADDRESS=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}') exec "$@"
    fi
    missing=$(for program in podman runc busybox unshare ip; do command -v "$program" > /dev/null || echo " $program"; done)
    if [ "$(id -u)" != 0 ] || [ -n "$missing" ]; then
        echo "expected Docker, or root with podman (Debian: apt-get install --no-install-recommends podman runc" \
            "busybox-static iproute2), got user $(id -un)${missing:+ without}$missing" >&2
        exit 1
    fi
    exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside "$@"
fi
shift

ip link set lo up
export SAM_LOCAL_ARGUMENTS=--skip-pull-image # the stand-in is not to be had elsewhere
export HOST_ADDRESS=192.0.2.1 # of the network for examples: nobody's
ip address add "$HOST_ADDRESS/32" dev lo
if mountpoint --quiet /sys/fs/cgroup/unified; then # or podman takes cgroups for those of version 2
    umount /sys/fs/cgroup/unified
fi

work=$(mktemp -d)
storage=$(mktemp -d "$root/build/containers.XXXXXX")
cat > "$work/containers.conf" <<END
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=30000:30000"]
[engine]
runtime = "runc"
events_logger = "file"
tmp_dir = "$work/tmp"
END
cat > "$work/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$storage"
runroot = "$work/run"
END
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf
export DOCKER_HOST=unix://$work/socket

podman system service --time=0 "$DOCKER_HOST" > "$work/log" 2>&1 &
service=$!
clean_up() {
    podman rm --all --force --time 0 > /dev/null 2>&1 || true
    kill "$service" 2> /dev/null || true
    wait "$service" || true
    umount "$storage/overlay" 2> /dev/null || true
    rm -rf "$work" "$storage"
}
trap clean_up EXIT

image=public.ecr.aws/lambda/python:3.13-$(uname -m)
"$here/image.sh" "$root/build/lambda/bin/python" "$image" > /dev/null
"$@"
