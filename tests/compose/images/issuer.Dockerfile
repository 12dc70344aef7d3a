# An issuer of people's tokens: tests/sign-in's, with what npm brought for it.
FROM node:debian
COPY . /issuer
USER 1000:1000
ENTRYPOINT ["node", "/issuer/issuer.mjs"]
