#!/usr/bin/env bash
# A MariaDB Galera cluster of three nodes for the torture, all on this machine: with its own data, ports, sockets and pid
# files, and nothing else's. As root, with mariadb-server, galera-4 and rsync installed (Debian 12: `install` does that).
#
#   galera.sh install         installs what is missing
#   galera.sh start [node]    starts what does not answer yet, and waits until it is in step; without a number, all three
#   galera.sh stop            ends all and deletes their data
#   galera.sh kill node       ends one with SIGKILL, as a crash would
#   galera.sh urls            says where they answer, a line each; nothing where one does not
#
# A node shows what every other has acknowledged before (wsrep_sync_wait = 7). BERTH_GALERA says where they live.
set -euo pipefail

home=${BERTH_GALERA:-/var/lib/berth-galera}
nodes=(1 2 3)
patience=90

port() { echo "1400$1"; }
base() { echo "145$(($1 + 6))0"; }
pidfile() { echo "$home/n$1.pid"; }

ask() { mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --port="$(port "$1")" --user=berth --password=berth \
    --connect-timeout=2 --batch --skip-column-names --execute "$2" 2>/dev/null; }

synced() { [ "$(ask "$1" "SHOW STATUS LIKE 'wsrep_local_state_comment'" | cut -f2)" = Synced ]; }

alive() {
    local pid
    pid=$(cat "$(pidfile "$1")" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
        tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "$home/n$1 "
}

dead() { ! alive "$1"; }

await() {
    local what=$1 tries=$((patience * 5))
    shift
    until "$@"; do
        tries=$((tries - 1))
        if [ $tries -le 0 ]; then echo "not within $patience s: $what" >&2; return 1; fi
        sleep 0.2
    done
}

# Packages that start services by themselves must not: the nodes here are our own.
install() {
    local missing=()
    command -v mariadbd >/dev/null || missing+=(mariadb-server)
    [ -e /usr/lib/galera/libgalera_smm.so ] || missing+=(galera-4)
    command -v rsync >/dev/null || missing+=(rsync)
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

# All begin with the same data, so that none has to be sent much.
prepare() {
    [ -d "$home/n1" ] && return 0
    mkdir -p "$home"
    chown mysql: "$home"
    printf '%s\n' "CREATE USER IF NOT EXISTS 'berth'@'%' IDENTIFIED BY 'berth';" \
        "GRANT ALL ON *.* TO 'berth'@'%' WITH GRANT OPTION;" >"$home/users.sql"
    mariadb-install-db --no-defaults --user=mysql --datadir="$home/n1" --auth-root-authentication-method=normal \
        --skip-test-db >"$home/install.log"
    local node
    for node in "${nodes[@]}"; do
        [ "$node" = 1 ] || cp -a "$home/n1" "$home/n$node"
    done
}

# The addresses of the others that live; none where this is the first.
others() {
    local node all=
    for node in "${nodes[@]}"; do
        if [ "$node" != "$1" ] && alive "$node"; then all+=${all:+,}127.0.0.1:$(base "$node"); fi
    done
    echo "$all"
}

launch() {
    local base
    base=$(base "$1")
    # One that was killed may have been the last to leave, as far as it knows; here it joins whoever lives.
    nohup setsid mariadbd --no-defaults --user=mysql --datadir="$home/n$1" --port="$(port "$1")" \
        --bind-address=127.0.0.1 --socket="$home/n$1.sock" --pid-file="$(pidfile "$1")" --skip-name-resolve \
        --init-file="$home/users.sql" --binlog-format=ROW --innodb-autoinc-lock-mode=2 --wsrep-on=ON \
        --wsrep-sync-wait=7 --wsrep-provider=/usr/lib/galera/libgalera_smm.so --wsrep-cluster-name=berth \
        --wsrep-node-name="n$1" --wsrep-node-address=127.0.0.1 --wsrep-sst-method=rsync \
        --wsrep-sst-receive-address="127.0.0.1:1444$1" --wsrep-cluster-address="gcomm://$(others "$1")" \
        --wsrep-provider-options="base_host=127.0.0.1;base_port=$base;gmcast.listen_addr=tcp://127.0.0.1:$base;ist.recv_addr=127.0.0.1:$((base + 1));evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S" \
        </dev/null >>"$home/n$1.log" 2>&1 &
}

start() {
    synced "$1" && return 0
    prepare
    if ! alive "$1"; then launch "$1"; fi
    if ! await "node $1 to be in step" synced "$1"; then tail -n 20 "$home/n$1.log" >&2; return 1; fi
}

crash() {
    alive "$1" || { echo "node $1 does not run" >&2; return 1; }
    kill -9 "$(cat "$(pidfile "$1")")"
    await "node $1 to end" dead "$1"
}

stop() {
    local node
    for node in "${nodes[@]}"; do
        if alive "$node"; then crash "$node"; fi
    done
    rm -rf "${home:?}"/n[123]* "$home/users.sql" "$home/install.log"
}

urls() {
    local node
    for node in "${nodes[@]}"; do synced "$node" || return 0; done
    for node in "${nodes[@]}"; do echo "jdbc:mariadb://127.0.0.1:$(port "$node")/mysql"; done
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
    install) install ;;
    start)
        [ $# -gt 0 ] || set -- "${nodes[@]}"
        for node in "$@"; do start "$node"; done
        ;;
    stop) stop ;;
    kill) crash "$1" ;;
    urls) urls ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
