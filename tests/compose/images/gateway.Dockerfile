# What docker-compose.yml expects of the public nginx image, on Debian's packages.
FROM nginx:debian
USER 101:101
CMD ["nginx", "-g", "daemon off;"]
