# What deploy/Dockerfile expects of the public Node image: npm.
FROM node-npm:debian
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
