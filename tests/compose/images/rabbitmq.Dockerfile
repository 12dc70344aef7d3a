# What docker-compose.yml expects of the public RabbitMQ image, on Debian's packages.
FROM rabbitmq:debian
RUN rm -f /etc/rabbitmq/rabbitmq-env.conf && install -d -o rabbitmq -g rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
ENV PATH=/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/sbin:/usr/bin:/bin HOME=/var/lib/rabbitmq LANG=C.UTF-8 \
    RABBITMQ_LOGS=-
USER 999:999
CMD ["rabbitmq-server"]
