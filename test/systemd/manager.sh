#!/bin/sh
# A systemd of its own on this host's kernel: its /run, its cgroup, its /etc/default. Input: the clone, the name of the cgroup.
# Becomes `systemd --user` as root, which starts units as PID 1 does: sandbox, DynamicUser, capabilities, watchdog.
# Nothing of it stays on the host but the cgroup, which whoever started it removes. Pid, user and network namespaces are the
# host's: in others the connector is silent.
set -eu
clone=$1 cgroup=$2

if [ "${3:-}" != inside ]; then
  # Version 1 beside 2 (hybrid), or version 2 alone.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    mkdir -p "$hierarchy/$cgroup"
    echo $$ >"$hierarchy/$cgroup/cgroup.procs"
  done
  exec unshare --mount --propagation private "$0" "$clone" "$cgroup" inside
fi

# Not below /tmp, which PrivateTmp= hides, and with it the notify socket.
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 default /etc/default
mkdir -p /run/systemd/system /run/manager/units /run/exporter/build

# What systemd as PID 1 makes at boot: it covers what a unit must not see.
mkdir -p /run/systemd/inaccessible/dir
cd /run/systemd/inaccessible
touch reg
mkfifo fifo
mknod chr c 0 0
mknod blk b 0 0
chmod 000 dir reg fifo chr blk
cd /

# The built clone, in parts: DynamicUser may enter these, but perhaps not the clone or the folder around it.
for part in dist build/Release node_modules; do
  mkdir -p "/run/exporter/$part"
  mount --bind "$clone/$part" "/run/exporter/$part"
done
cp "$clone/package.json" /run/exporter/
touch /run/exporter/node
mount --bind "$NODE" /run/exporter/node
printf '#!/bin/sh\nexec /run/exporter/node /run/exporter/dist/main.js "$@"\n' >/run/exporter/procevents-exporter
chmod 755 /run/exporter/procevents-exporter

export XDG_RUNTIME_DIR=/run/manager XDG_CONFIG_HOME=/run/manager/config HOME=/root
export SYSTEMD_UNIT_PATH=/run/manager/units:/usr/lib/systemd/user
unset DBUS_SESSION_BUS_ADDRESS NOTIFY_SOCKET
exec /lib/systemd/systemd --user --log-target=console --log-level=notice
