#!/usr/bin/env bash
# Starts and ends the container engines that the tests of this module run on: a dockerd and a podman of their own, with
# their own data, sockets and pid files, and one local image made from the static busybox. Nothing is pulled. As root,
# with docker.io, iptables, podman and busybox-static installed (Debian 12: `install` does that).
#
#   engines.sh install              installs what is missing
#   engines.sh start [engine...]    starts what does not answer yet, and waits until it does
#   engines.sh stop [engine...]     removes all its containers, ends it, and leaves nothing mounted
#   engines.sh kill engine          ends it with SIGKILL, as a crash would
#   engines.sh socket engine        says where it listens
#
# The engines are dockerd and podman; without a word, both. BERTH_ENGINES says where they live, and
# BERTH_DOCKERD_IN what dockerd is started by: a second one by "unshare --net", or it meddles with the first one's network.
set -euo pipefail

home=${BERTH_ENGINES:-/var/lib/berth-engines}
image=berth/busybox:latest
patience=60

socket() { echo "$home/$1/engine.sock"; }
pidfile() { echo "$home/$1/engine.pid"; }

ask() { curl -fsS --max-time 5 --unix-socket "$(socket "$1")" "http://engine$2"; }

answers() { ask "$1" /_ping >/dev/null 2>&1; }

alive() {
    local pid
    pid=$(cat "$(pidfile "$1")" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
        tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "$home/$1"
}

await() {
    local what=$1 tries=$((patience * 10))
    shift
    until "$@"; do
        tries=$((tries - 1))
        if [ $tries -le 0 ]; then echo "not within $patience s: $what" >&2; return 1; fi
        sleep 0.1
    done
}

dead() { ! alive "$1"; }

# Packages that start services by themselves must not: the engines here are our own.
install() {
    local missing=()
    command -v dockerd >/dev/null || missing+=(docker.io)
    command -v podman >/dev/null || missing+=(podman)
    command -v iptables >/dev/null || missing+=(iptables)
    command -v curl >/dev/null || missing+=(curl)
    [ -x /bin/busybox ] || missing+=(busybox-static)
    [ ${#missing[@]} -gt 0 ] || return 0
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
        made=$policy
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -q -y --no-install-recommends "${missing[@]}"
    if [ -n "$made" ]; then rm "$made"; fi
}

# The lesser of 16384 and what this shell may have at most of n (open files) or u (processes).
limit() {
    local most
    most=$(ulimit "-H$1")
    if [ "$most" = unlimited ] || [ "$most" -gt 16384 ]; then echo 16384; else echo "$most"; fi
}

# A containerd of its own, as service managers run it: one that dockerd starts itself dies, sooner or later, with the
# dockerd that is killed, and the next dockerd may take it for the one to talk to.
launch_containerd() {
    local at=$home/dockerd/containerd
    mkdir -p "$at"
    alive dockerd/containerd && return 0
    printf 'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$at/config.toml"
    nohup setsid containerd --config "$at/config.toml" --root "$at/data" --state "$at/run" \
        --address "$(socket dockerd/containerd)" </dev/null >>"$at/log" 2>&1 &
    echo $! >"$(pidfile dockerd/containerd)"
    await "containerd to answer" [ -S "$(socket dockerd/containerd)" ]
}

launch() {
    local at=$home/$1
    mkdir -p "$at"
    case $1 in
        dockerd)
            # It refuses to start over the pid file of one that was killed, if the number is in use again.
            rm -f "$(pidfile dockerd)"
            launch_containerd
            nohup setsid ${BERTH_DOCKERD_IN:-} dockerd --containerd "$(socket dockerd/containerd)" --data-root "$at/data" --exec-root "$at/exec" --pidfile "$(pidfile dockerd)" \
                --host "unix://$(socket dockerd)" --shutdown-timeout 2 </dev/null >>"$at/log" 2>&1 &
            ;;
        podman)
            # Where limits are low already, runc may not set podman's own, higher ones.
            printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=%s:%s"]\n' \
                "$(limit n)" "$(limit n)" "$(limit u)" "$(limit u)" >"$at/containers.conf"
            CONTAINERS_CONF=$at/containers.conf nohup setsid podman --root "$at/data" --runroot "$at/run" --tmpdir "$at/tmp" --runtime runc \
                --cgroup-manager cgroupfs --events-backend file \
                system service --time 0 "unix://$(socket podman)" </dev/null >>"$at/log" 2>&1 &
            echo $! >"$(pidfile podman)"
            ;;
        *) echo "no engine is called \"$1\"; there are dockerd and podman" >&2; return 2 ;;
    esac
}

# A busybox and what a shell expects, as an image.
load_image() {
    ask "$1" "/images/$image/json" >/dev/null 2>&1 && return 0
    local root
    root=$(mktemp -d)
    mkdir -p "$root/bin" "$root/tmp" "$root/etc"
    cp /bin/busybox "$root/bin/busybox"
    local applet
    for applet in sh sleep true false nc httpd cat echo; do ln -s busybox "$root/bin/$applet"; done
    tar -C "$root" -c . | curl -fsS --max-time 60 --unix-socket "$(socket "$1")" -X POST -T - \
        -H 'Content-Type: application/x-tar' \
        "http://engine/images/create?fromSrc=-&repo=${image%:*}&tag=${image#*:}" >/dev/null
    rm -r "$root"
}

start() {
    if ! answers "$1"; then
        if alive "$1"; then kill -9 "$(cat "$(pidfile "$1")")"; await "$1 to end" dead "$1"; fi
        rm -f "$(socket "$1")"
        launch "$1"
        if ! await "$1 to answer" answers "$1"; then tail -n 20 "$home/$1/log" >&2; return 1; fi
    fi
    load_image "$1"
    echo "$1 $(ask "$1" /version | sed 's/.*"Version":"\([^"]*\)","Api.*/\1/' | cut -c1-40) at unix://$(socket "$1")"
}

end() {
    if alive "$1"; then
        kill -TERM "$(cat "$(pidfile "$1")")"
        await "$1 to end" dead "$1" || kill -9 "$(cat "$(pidfile "$1")")"
    fi
    rm -f "$(socket "$1")" "$(pidfile "$1")"
}

# Engines keep their storage mounted on itself, and of containers whose engine was killed file systems and networks may stay
# mounted.
unmount() {
    local point
    awk -v under="$home/$1/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r point; do
        point=$(printf '%b' "$point")
        umount "$point" 2>/dev/null || umount --lazy "$point" || echo "$point stays mounted" >&2
    done
}

stop() {
    # Containers outlive an engine that was killed; only it can remove them.
    if [ -d "$home/$1/data" ] && ! answers "$1"; then start "$1" >/dev/null; fi
    if answers "$1"; then
        local id
        for id in $(ask "$1" '/containers/json?all=true' | grep -o '"Id":"[0-9a-f]\{64\}"' | cut -d'"' -f4); do
            curl -fsS --max-time 30 --unix-socket "$(socket "$1")" -X DELETE \
                "http://engine/containers/$id?force=true&v=true" >/dev/null || true
        done
    fi
    end "$1"
    [ "$1" != dockerd ] || end dockerd/containerd
    unmount "$1"
    echo "$1 stopped"
}

crash() {
    alive "$1" || { echo "$1 does not run" >&2; return 1; }
    kill -9 "$(cat "$(pidfile "$1")")"
    await "$1 to end" dead "$1"
}

command=${1:-}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- dockerd podman
case $command in
    install) install ;;
    start) for engine in "$@"; do start "$engine"; done ;;
    stop) for engine in "$@"; do stop "$engine"; done ;;
    kill) crash "$1" ;;
    socket) socket "$1" ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
