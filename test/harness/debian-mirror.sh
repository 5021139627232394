# shellcheck shell=bash
# Where apt gets Debian from on this machine; the images of the tests come from there, too. To be sourced.
mirror() {
  local uris
  # shellcheck disable=SC2016 # apt's own format string
  uris=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages')
  uris=$(grep -m 1 '/debian/$' <<<"$uris") || { echo 'apt knows no Debian mirror' >&2 && exit 1; }
  echo "${uris%/}"
}
