"""Addresses to ask from, so that the throttle of registrations and logins, which counts by address, lets tests through."""

import random
import socket
import time

import requests
from requests.adapters import HTTPAdapter

RANDOM = random.SystemRandom()


def place():
    """Some address of the loopback network, or none where the system has but one."""
    address = ".".join(map(str, [127, *(RANDOM.randrange(1, 255) for _ in range(3))]))
    try:
        with socket.socket() as probe:
            probe.bind((address, 0))
    except OSError:
        return None
    return (address, 0)


class From(HTTPAdapter):
    """Requests that come from one place."""

    def __init__(self, source):
        self.source = source
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=self.source, **options)


def elsewhere():
    """A session at a place of its own."""
    session = requests.Session()
    session.mount("http://", From(place()))
    return session


def patiently(ask):
    """The answer that `ask` gives; asked again some times while the service is busy, as it says with 503."""
    for _ in range(5):
        answer = ask()
        if answer.status_code != 503:
            break
        time.sleep(float(answer.headers.get("Retry-After", 1)))
    return answer
