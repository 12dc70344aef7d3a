# What docker-compose.yml expects of the public PostgreSQL image, on Debian's packages.
FROM postgres:debian
COPY --chmod=755 images/postgres-start /usr/local/bin/
RUN mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data /var/run/postgresql \
    && chown postgres:postgres /var/lib/postgresql/data /var/run/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data
USER 999:999
ENTRYPOINT ["postgres-start"]
CMD ["postgres"]
