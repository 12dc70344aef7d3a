# What deploy/Dockerfile expects of the public Rust image: a compiler for C and the pinned toolchain.
FROM rust-bare:debian
COPY toolchain /usr/local/toolchain
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/usr/local/toolchain/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    CARGO_HOME=/usr/local/cargo
