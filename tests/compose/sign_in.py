"""Signs somebody in at the running stack's console, by the issuer that the stack believes, and looks
at the queue; kills the console meanwhile, and asks whether the session outlives it.

It does what a browser without JavaScript does: it follows redirects, keeps cookies, and reads pages.
"""

import argparse
import http.cookiejar
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 120


def inspected(identifier):
    """A container, as the engine knows it."""
    words = [os.environ["DOCKER"], "inspect", identifier]
    return json.loads(subprocess.check_output(words, text=True))[0]


def one_container(compose, kind):
    """The only container of a kind."""
    (found,) = subprocess.check_output([*compose, "ps", "--quiet", kind], text=True).split()
    return found


def know(host, container):
    """Lets this process find a container by the name that only its own network knows."""
    (network,) = inspected(container)["NetworkSettings"]["Networks"].values()
    real = socket.getaddrinfo

    def resolve(name, *rest, **more):
        return real(network["IPAddress"] if name == host else name, *rest, **more)

    socket.getaddrinfo = resolve


def browser(authority):
    """One that keeps cookies and believes this authority."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    trust = ssl.create_default_context(cafile=authority)
    return urllib.request.build_opener(cookies, urllib.request.HTTPSHandler(context=trust))


def page(opener, address):
    """Where one lands, and what is there; asked again while nobody answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with opener.open(address, timeout=10) as answer:
                return answer.url, answer.read().decode()
        except (urllib.error.URLError, ConnectionError) as error:
            code = getattr(error, "code", 503)
            if code < 502 or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--console", required=True, help="the console's address")
    parser.add_argument("--authority", required=True, type=pathlib.Path, help="PEM of the issuer's")
    parser.add_argument("compose", nargs="+", help="docker compose with its files")
    arguments = parser.parse_args()
    know("issuer", one_container(arguments.compose, "issuer"))
    opener = browser(arguments.authority)

    landed, text = page(opener, f"{arguments.console}/queue")
    assert landed.startswith(f"{arguments.console}/queue"), f"landed at {landed}: {text[:400]}"
    assert "DESK-1" in text, "the page doesn't name who signed in"
    _, text = page(opener, f"{arguments.console}/queue?show=closed")
    assert "/cases/" in text, "the case that visit.py has played to its end is not among the closed"
    print("signed in by the issuer; the case is among the closed")

    console = one_container(arguments.compose, "console")
    before = inspected(console)["RestartCount"]
    os.kill(inspected(console)["State"]["Pid"], signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while inspected(console)["RestartCount"] == before:
        assert time.monotonic() < deadline, "the console is not started again"
        time.sleep(0.2)
    # Without the session it would lead to the issuer, who knows this browser and would sign it in
    # without a word: there must be no way to it.
    deaf = [handler for handler in opener.handlers if not isinstance(handler, urllib.request.HTTPSHandler)]
    alone = urllib.request.OpenerDirector()
    for handler in deaf:
        alone.add_handler(handler)
    landed, text = page(alone, f"{arguments.console}/queue")
    assert landed.startswith(f"{arguments.console}/queue") and "DESK-1" in text, landed
    print("the console was killed, and the session goes on")


if __name__ == "__main__":
    main()
