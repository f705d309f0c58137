# The package: from a signed repository, whole or not at all.
#
# shellcheck shell=bash

extension_files() {
  on "$1" find "/usr/lib/postgresql/$major" "/usr/share/postgresql/$major" \
    /usr/share/vecdb /usr/bin/vecdb /usr/sbin/vecdb-host \
    -name '*vecdb*' 2>/dev/null || true
}

check_package() {
  local name=postgresql-$major-vecdb
  equals "the machines begin without the extension" "" extension_files db
  apt_on db update >/dev/null
  check_tampering "$name"
  apt_on db update >/dev/null
  check_upgrade "$name"
  check_vector "$name-vector"
  accepted "apt installs the client program" install_on client "$name"
}

install_on() {
  apt_on "$1" update && apt_on "$1" install --no-install-recommends "${@:2}"
}

# Somebody who may write to the bucket but has no key.
check_tampering() {
  local deb repository
  repository=$(root_of db)/srv/repository
  deb=$(echo "$repository/$1"_*.deb)
  tamper "$deb"
  refused "apt refuses a tampered package" \
    'Hash Sum mismatch|unexpected size' \
    apt_on db install --no-install-recommends "$1"
  (cd "$repository" && apt-ftparchive packages . >Packages &&
    gzip -9nkf Packages)
  refused "apt refuses a tampered index" 'Hash Sum mismatch|unexpected size' \
    update_strictly
  (cd "$repository" && apt-ftparchive release . >Release && rm InRelease &&
    gpg --homedir "$(stranger_key)" --batch --quiet --clearsign \
      --output InRelease Release)
  refused "apt refuses another one's signature" \
    'NO_PUBKEY|not signed|signatures' update_strictly
  rm -r "$repository"
  cp -r "$hosts/repository" "$repository"
}

# What an earlier update brought is forgotten, so that nothing is "unchanged".
update_strictly() {
  on db find /var/lib/apt/lists -type f -delete
  apt_on db update -o APT::Update::Error-Mode=any
}

stranger_key() {
  local home=$hosts/stranger
  [ -d "$home" ] || {
    install -d -m 700 "$home"
    gpg --homedir "$home" --batch --quiet --passphrase '' \
      --quick-generate-key stranger ed25519 sign never 2>/dev/null
  }
  echo "$home"
}

# The same package with one file more, which postinst could as well be.
tamper() {
  local work=$hosts/tampered
  dpkg-deb -R "$1" "$work"
  echo "SELECT 1;" >"$work/usr/share/postgresql/$major/extension/evil.sql"
  dpkg-deb --root-owner-group -b "$work" "$1" >/dev/null
  rm -r "$work"
}

# An older version of the same package, to upgrade from.
older() {
  local work=$hosts/older
  dpkg-deb -R "$1" "$work"
  sed -i 's/^Version: .*/Version: 0.0.1-1/' "$work/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$work" "$(root_of db)/srv/older.deb" \
    >/dev/null
  rm -r "$work"
}

installed_version() {
  # shellcheck disable=SC2016 # dpkg's own variable
  on db dpkg-query -W -f '${Version}' "postgresql-$major-vecdb"
}

check_upgrade() {
  local deb
  deb=$(echo "$hosts/repository/$1"_*.deb)
  older "$deb"
  accepted "an older package installs" on db dpkg -i /srv/older.deb
  accepted "apt upgrades it from the repository" \
    install_on db "$1" vecdb-host
  equals "the version is the repository's" \
    "$(dpkg-deb -f "$deb" Version)" installed_version
  accepted "the client program runs" on db vecdb --version
  accepted "apt removes it" apt_on db purge "$1" vecdb-host
  equals "nothing of it is left" "" extension_files db
}

# A package that has pgvector's name and files, as far as apt can see.
foreign_vector() {
  local work=$hosts/foreign share=usr/share/postgresql/$major/extension
  mkdir -p "$work/DEBIAN" "$work/$share" "$work/usr/lib/postgresql/$major/lib"
  cat >"$work/DEBIAN/control" <<END
Package: postgresql-$major-pgvector
Version: 0.8.5-1
Architecture: all
Maintainer: vecdb developers <maintainers@vecdb.example.org>
Description: rehearsed
END
  echo "module_pathname = '\$libdir/vector'" >"$work/$share/vector.control"
  : >"$work/usr/lib/postgresql/$major/lib/vector.so"
  dpkg-deb --root-owner-group -b "$work" "$(root_of db)/srv/foreign.deb" \
    >/dev/null
  rm -r "$work"
}

vector_files() {
  on db find "/usr/lib/postgresql/$major/lib" \
    "/usr/share/postgresql/$major/extension" -maxdepth 1 -name 'vector*'
}

# How many files its package has there; dpkg may still know the name.
pgvector_files() {
  on db dpkg-query -L "postgresql-$major-pgvector" 2>/dev/null |
    grep -c '^/usr/.*vector[.]' || true
}

# The second name takes pgvector's place, and gives it back.
check_vector() {
  foreign_vector
  accepted "a package of pgvector installs" on db dpkg -i /srv/foreign.deb
  accepted "apt puts the second name in its place" install_on db "$1"
  equals "which is gone" 0 pgvector_files
  equals "the library is ours" vecdb.so \
    on db readlink "/usr/lib/postgresql/$major/lib/vector.so"
  refused "pgvector cannot be put over it" 'conflict' \
    on db dpkg -i /srv/foreign.deb
  accepted "apt removes it" apt_on db purge "$1"
  equals "nothing of it is left" "" vector_files
  accepted "and its extension with it" apt_on db purge "${1%-vector}"
}
