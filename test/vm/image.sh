#!/usr/bin/env bash
# What the test VMs are made of. Input: a state directory, kernel series. Output in it: root.ext4, a Debian with this
# machine's node; kernels/SERIES/{release,vmlinuz,initrd}, the newest Debian kernel of each series. What is there and
# still fits is kept. Needs root and the packages that .ci/run installs. It asks only the mirrors that apt knows.
set -euo pipefail
source_dir=$(dirname "$(realpath "$0")")
state=$(realpath -m "$1")
shift
mkdir -p "$state"
exec 9>"$state/lock"
flock 9
cd "$state"
# shellcheck source=test/harness/debian-mirror.sh
. "$source_dir/../harness/debian-mirror.sh"

# The addon that the VMs run is linked against this machine's C library.
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
packages=libstdc++6,systemd,systemd-sysv,systemd-coredump,dbus,udev,kmod,procps,libcap2-bin,curl
node=$(realpath "$(command -v node)")

# The exporter's package depends on a nodejs newer than Debian 12 has. This one is a package as NodeSource's is, with this
# machine's node and nothing else: dpkg and apt find in it what they are to find.
install_node() {
  mkdir -p nodejs/DEBIAN nodejs/usr/bin
  install -m 755 "$node" nodejs/usr/bin/node
  cat >nodejs/DEBIAN/control <<EOF
Package: nodejs
Version: $("$node" --version | tr -d v)-1
Architecture: amd64
Maintainer: the tests <nobody@localhost>
Depends: libc6, libgcc-s1, libstdc++6
Description: node of the machine that runs the tests
EOF
  dpkg-deb --root-owner-group -Znone --build nodejs nodejs.deb >/dev/null
  dpkg --root="$state/root" --force-unsafe-io --install nodejs.deb >/dev/null
  rm -rf nodejs nodejs.deb
}

build_root() {
  local stamp
  stamp=$(cat "$source_dir/image.sh" "$node" | sha256sum)
  [ -f root.ext4 ] && [ "$(cat root.stamp 2>/dev/null)" = "$stamp" ] && return
  rm -rf root root.tar root.stamp nodejs
  mmdebstrap --quiet --variant=minbase --include=$packages --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" root.tar "$(mirror)"
  mkdir root
  tar -xf root.tar -C root --numeric-owner
  install_node
  echo vm >root/etc/hostname
  printf '127.0.0.1 localhost vm\n' >root/etc/hosts
  echo 0123456789abcdef0123456789abcdef >root/etc/machine-id
  mkdir root/project
  # Nothing of these is tested, and under emulation each second of a boot counts.
  local unit
  for unit in getty.target systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    fstrim.timer e2scrub_all.timer e2scrub_reap.service systemd-update-utmp.service systemd-hwdb-update.service \
    ldconfig.service; do
    ln -sf /dev/null "root/etc/systemd/system/$unit"
  done
  rm -f root.ext4
  truncate -s 1200M root.ext4
  mke2fs -q -t ext4 -O ^has_journal -m 0 -d root root.ext4
  rm -rf root root.tar
  echo "$stamp" >root.stamp
}

# apt with lists of its own: the machine's sources stay as they are. Old kernels are in old releases' updates, new ones
# in backports.
private_apt() {
  local base signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  base=$(mirror)
  mkdir -p apt/{sources,apt.conf.d,preferences.d} apt/state/lists/partial apt/cache/archives/partial
  : >apt/status
  printf "deb $signed %s main\n" "$base bookworm" "$base-security bookworm-security" \
    "$base-security bullseye-security" "$base-security trixie-security" "$base trixie-backports" >apt/sources.list
  cat >apt/apt.conf <<EOF
Dir::Etc "$state/apt";
Dir::Etc::sourcelist "$state/apt/sources.list";
Dir::Etc::sourceparts "$state/apt/sources";
Dir::State "$state/apt/state";
Dir::State::status "$state/apt/status";
Dir::Cache "$state/apt/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
EOF
  export APT_CONFIG=$state/apt/apt.conf
  apt-get -qq update
}

fetch_kernel() { # SERIES
  local name version names
  # +deb13 rather than the backport for Debian 12, whose 6.12 does not boot under this qemu.
  names=$(apt-cache search --names-only "^linux-image-${1//./\\.}\.[0-9]+(-[0-9]+|\+deb13)-cloud-amd64\$")
  name=$(awk '{print $1}' <<<"$names" | sort -V | tail -1)
  [ -n "$name" ] || { echo "image.sh: the mirror has no kernel $1" >&2 && return 1; }
  version=${name#linux-image-}
  names=$name
  # From 6.16 on the image package is empty and depends on these.
  [ "$(apt-cache show "$name" | awk '/^Installed-Size/ {print $2; exit}')" -ge 1000 ] ||
    names="$name linux-binary-$version linux-modules-$version linux-base-$version"
  rm -rf fetched && mkdir fetched
  # shellcheck disable=SC2086 # several names
  (cd fetched && apt-get -qq download $names && for deb in *.deb; do dpkg -x "$deb" tree; done)
  keep_kernel "$1" "$version"
  rm -rf fetched
}

# Of a kernel package: the kernel, and the modules that find the root file system as one cpio archive.
keep_kernel() { # SERIES VERSION
  local modules base module file name
  base=fetched/tree
  [ -d $base/lib/modules ] || base=fetched/tree/usr
  depmod -b "$base" "$2"
  modules=fetched/initrd/modules
  mkdir -p fetched/initrd/{bin,dev,proc,sys,newroot,modules} "kernels/$1.new"
  cp /bin/busybox fetched/initrd/bin/
  : >$modules/order
  for module in virtio_pci virtio_blk ext4; do
    modprobe -d "$base" -S "$2" --show-depends "$module" | awk '$1 == "insmod" {print $2}' >fetched/files
    while read -r file; do
      name=$(basename "${file%.xz}")
      grep -qx "$name" $modules/order && continue
      case $file in *.xz) xz -dc "$file" ;; *) cat "$file" ;; esac >"$modules/$name"
      echo "$name" >>$modules/order
    done <fetched/files
  done
  (cd fetched/initrd && find . | cpio -o -H newc --quiet) >"kernels/$1.new/modules.cpio"
  find fetched/tree -name 'vmlinuz*' -type f -exec cp {} "kernels/$1.new/vmlinuz" \;
  echo "$2" >"kernels/$1.new/release"
  rm -rf "kernels/$1"
  mv "kernels/$1.new" "kernels/$1"
}

build_root
wanted=()
for series; do [ -f "kernels/$series/release" ] || wanted+=("$series"); done
if [ ${#wanted[@]} -gt 0 ]; then
  private_apt
  for series in "${wanted[@]}"; do fetch_kernel "$series"; done
  rm -rf apt
fi
# The kernel reads one archive after the other: what changes with the clone comes last.
(cd "$source_dir/guest" && echo init | cpio -o -H newc --quiet) >init.cpio
for series; do cat "kernels/$series/modules.cpio" init.cpio >"kernels/$series/initrd"; done
