# Sourced by up: images without a registry. The systems are laid out of Debian's packages on this
# machine, since a build inside the engine would have no way out to fetch any.

# The layout below; another number makes the images anew.
layout=1

have_image() {
    [ "$("$docker" image inspect --format '{{index .Config.Labels "layout"}}' "$1" 2>/dev/null)" = "$layout" ]
}

import() {
    tar -C "$2" -c . | "$docker" import --change "LABEL layout=$layout" \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$1" >/dev/null
}

# debian_image NAME USER UID PACKAGE…: Debian with packages and a user of a known number, as the
# public image has it.
debian_image() {
    local name="$1" user="$2" uid="$3" root="$work/root"
    shift 3
    have_image "$name:debian" && return
    echo "laying out $name:debian" >&2
    need debootstrap debootstrap
    if [ ! -e "$work/bookworm" ]; then
        debootstrap --variant=minbase bookworm "$work/bookworm" >"$work/debootstrap.log" ||
            { tail -n 20 "$work/debootstrap.log" >&2; return 1; }
        # Nothing starts while it is installed.
        printf '#!/bin/sh\nexit 101\n' >"$work/bookworm/usr/sbin/policy-rc.d"
        chmod +x "$work/bookworm/usr/sbin/policy-rc.d"
    fi
    rm -rf "$root"
    cp -a "$work/bookworm" "$root"
    cp /etc/resolv.conf "$root/etc/"
    chroot "$root" groupadd --gid "$uid" "$user"
    chroot "$root" useradd --uid "$uid" --gid "$uid" --no-create-home "$user"
    chroot "$root" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >"$work/$name.log" 2>&1 ||
        { tail -n 20 "$work/$name.log" >&2; return 1; }
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
    import "$name:debian" "$root"
    rm -rf "$root"
}

# The runtime of our own image as distroless has it: a C library, certificates, time zones, a user;
# no shell and no packages.
runtime_image() {
    have_image visits-runtime:debian && return
    echo "laying out visits-runtime:debian" >&2
    local root="$work/runtime" fetched="$work/debs"
    mkdir -p "$root/etc" "$root/tmp" "$fetched"
    (cd "$fetched" && apt-get download -qq base-files netbase tzdata ca-certificates libc6 libgcc-s1)
    local package
    for package in "$fetched"/*.deb; do
        dpkg-deb --extract "$package" "$root"
    done
    echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' >"$root/etc/passwd"
    echo 'nonroot:x:65532:' >"$root/etc/group"
    chmod 1777 "$root/tmp"
    import visits-runtime:debian "$root"
}
