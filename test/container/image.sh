#!/usr/bin/env bash
# The image that the container tests run, built from the Dockerfile. Input: a state directory, the revision to build in.
# Output in it: storage, which podman and buildah are to use as images, containers; in it localhost/procevents-exporter,
# and a stand-in for the image that FROM names, as no image registry is asked: Debian by apt's mirror, node and npm by
# npm's registry. What is there and still fits is kept. Needs root.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
clone=$(realpath "$here/../..")
state=$(realpath -m "$1")
revision=$2
mkdir -p "$state/storage"
exec 9>"$state/lock"
flock 9
cd "$state"

# shellcheck source=test/harness/debian-mirror.sh
. "$clone/test/harness/debian-mirror.sh"
export CONTAINERS_CONF=$here/containers.conf
storage=(--root "$state/storage/root" --runroot "$state/storage/runroot")
# node:24-bookworm
from=$(awk '$1 == "FROM" {print $2; exit}' "$clone/Dockerfile")
tag=${from#node:}

# Node's own archive, as the official image has it: node and its headers in /usr/local, npm beside them.
node_and_npm() {
  rm -rf local && mkdir local
  npm pack --silent --prefer-offline --pack-destination local "node-linux-$(node -p process.arch)@${tag%%-*}" >&2
  tar -xf local/*.tgz -C local --strip-components=1 package/bin package/include
  rm local/*.tgz
  npm install --silent --prefer-offline --no-audit --no-fund --global --prefix local "npm@$(npm --version)" >&2
  tar -C local --owner=0 --group=0 -cf local.tar .
  rm -rf local
}

base_image() {
  local stamp
  stamp=$( (echo "$from" && declare -f node_and_npm base_image) | sha256sum)
  [ "$(cat base.stamp 2>/dev/null)" = "$stamp" ] && podman "${storage[@]}" image exists "$from" && return
  rm -f base.stamp
  node_and_npm
  mmdebstrap --quiet --variant=minbase --include=g++,make,python3,ca-certificates --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook="tar-in $state/local.tar /usr/local" \
    "${tag#*-}" - "$(mirror)" | podman "${storage[@]}" import --quiet - "docker.io/library/$from"
  rm local.tar
  echo "$stamp" >base.stamp
}

# npm in the build reaches its registry as npm does here. Nothing of this gets into the image.
npm_volumes() {
  local key value cafile
  : >npmrc
  for key in registry proxy https-proxy noproxy strict-ssl; do
    value=$(npm config get "$key")
    [ "$value" = null ] || [ -z "$value" ] || echo "$key=$value" >>npmrc
  done
  echo 'cache=/var/cache/npm' >>npmrc
  volumes=(--volume "$(npm config get cache):/var/cache/npm")
  cafile=$(npm config get cafile)
  if [ "$cafile" != null ]; then
    echo 'cafile=/usr/local/etc/npm-ca.pem' >>npmrc
    volumes+=(--volume "$cafile:/usr/local/etc/npm-ca.pem:ro")
  fi
  echo 'prefer-offline=true' >>npmrc
  volumes+=(--volume "$state/npmrc:/usr/local/etc/npmrc:ro")
}

image() {
  local stamp
  stamp=$(cd "$clone" && tar --sort=name --mtime=@0 --owner=0 --group=0 -c Dockerfile .dockerignore package.json \
    package-lock.json binding.gyp tsconfig.json scripts native src deploy/container | cat - "$state/base.stamp" |
    sha256sum)
  stamp="$revision $stamp"
  [ "$(cat image.stamp 2>/dev/null)" = "$stamp" ] && podman "${storage[@]}" image exists procevents-exporter && return
  rm -f image.stamp
  npm_volumes
  # chroot, as the machine may be a container itself; docker's format, as OCI's has no HEALTHCHECK.
  buildah "${storage[@]}" bud --quiet --isolation chroot --pull=never --format docker "${volumes[@]}" \
    --build-arg "REVISION=$revision" --tag procevents-exporter "$clone" >build.log 2>&1 || { cat build.log >&2 && exit 1; }
  podman "${storage[@]}" image prune --force >/dev/null
  echo "$stamp" >image.stamp
}

base_image
image
