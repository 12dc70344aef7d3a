"""A stranger who hears every event: knows the exchange, the CloudEvents SDK and docs/asyncapi.json.

Binds a queue of its own to everything, says "listening", and reads until its input ends. Each event
must be a CloudEvent, as the document has it and with nothing that the document doesn't know, and
must hold none of the words that it was told of in its first line of input. Prints what it heard.
"""

import argparse
import json
import pathlib
import sys
import threading
import time

import fastjsonschema
import pika
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq
from cloudevents.core.formats.json import JSONFormat

LOOKS_MAX = 300
QUIET_SECONDS = 1.0


class Contract:
    """What the AsyncAPI document says of each event type."""

    def __init__(self, path):
        self.document = json.loads(pathlib.Path(path).read_text())
        self.checks = {}

    @property
    def exchange(self):
        """The exchange that every routing key belongs to."""
        bindings = [c["bindings"]["amqp"] for c in self.document["channels"].values()]
        (name,) = {b["exchange"]["name"] for b in bindings if b["is"] == "routingKey"}
        return name

    def problems(self, event_type, body):
        """What the event has that the document does not allow or does not know."""
        if event_type not in self.document["components"]["messages"]:
            return [f"{event_type} is not in the document"]
        if event_type not in self.checks:
            payload = {"$ref": f"#/components/messages/{event_type}/payload"}
            self.checks[event_type] = fastjsonschema.compile({**self.document, **payload})
        try:
            self.checks[event_type](body)
        except fastjsonschema.JsonSchemaException as error:
            return [f"{event_type}: {error}"]
        schemas = self.document["components"]["schemas"]
        unknown = body["data"].keys() - schemas[event_type]["properties"].keys()
        unknown |= body.keys() - schemas["CloudEvent"]["properties"].keys()
        return [f"{event_type} has {name}, which the document does not know" for name in unknown]


def listen(url, exchange):
    """A channel with a queue of its own that every event of `exchange` comes into."""
    parameters = pika.URLParameters(url)
    connection = pika.BlockingConnection(parameters)
    for _ in range(LOOKS_MAX):
        channel = connection.channel()
        try:
            channel.exchange_declare(exchange, passive=True)
            break
        except pika.exceptions.ChannelClosedByBroker:
            time.sleep(0.1)  # no service has connected yet
    own = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(own, exchange, "#")
    return channel, own


def read(contract, properties, body, words):
    """The event's id and type, and what is wrong with it."""
    found = [f"holds {word!r}" for word in words if word.encode() in body]
    found += [f"has {word!r} in its headers" for word in words if word in str(properties.headers)]
    message = RabbitMQMessage(properties.headers, properties.content_type, body)
    event = from_rabbitmq(message, JSONFormat())
    structured = json.loads(body)
    found += contract.problems(event.get_type(), structured)
    for name, value in structured.items():
        if name != "data" and properties.headers.get(f"ce-{name}") != value:
            found.append(f"says {name} in its body otherwise than in its headers")
    if properties.message_id != event.get_id() or properties.type != event.get_type():
        found.append("is named otherwise in its properties")
    return event.get_id(), event.get_type(), [f"{event.get_type()} {what}" for what in found]


def main():
    """Listens, reads, reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--asyncapi", required=True)
    arguments = parser.parse_args()
    contract = Contract(arguments.asyncapi)
    words = json.loads(sys.stdin.readline())
    channel, own = listen(arguments.url, contract.exchange)
    print("listening", flush=True)

    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    heard, problems = {}, []
    for method, properties, body in channel.consume(own, inactivity_timeout=QUIET_SECONDS):
        if method is None:
            if over.is_set():
                break
            continue
        event_id, event_type, found = read(contract, properties, body, words)
        heard[event_id] = event_type
        problems += found
        channel.basic_ack(method.delivery_tag)
    print(json.dumps({"events": len(heard), "types": sorted(set(heard.values()))}), flush=True)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
