# Binaries that were built outside, where deploy/Dockerfile's stage `build` would put its own.
FROM scratch
COPY out /out
