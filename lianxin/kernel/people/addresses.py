"""Where a request comes from: the client's own address, also behind proxies that the installation trusts.

What throttles count by must not be for the client to choose: ``X-Forwarded-For`` is read only where a trusted proxy
wrote it, and only as far back as trusted proxies vouch for it.
"""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Some proxies tell the port as well: 203.0.113.7:51000, [2001:db8::1]:51000.
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>[0-9.]+):\d+")
# A household or a phone holds a whole network of this length in IPv6, and may send from any address in it.
_OF_ONE_CLIENT = 64


class ClientAddressMiddleware:
    """Puts the client's own address in ``REMOTE_ADDR`` where ``settings.TRUSTED_PROXIES`` names who forwards.

    It stands before everything that counts, so that allauth's limits see the same address as ours. Without trusted
    proxies it is not used.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = networks_in(settings.TRUSTED_PROXIES)
        if not self.trusted:
            raise MiddlewareNotUsed

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Correct the address, then answer."""
        peer, forwarded = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
        request.META["REMOTE_ADDR"] = client_address(peer, forwarded, self.trusted)
        return self.get_response(request)


def networks_in(text: str) -> tuple[Network, ...]:
    """Networks and single addresses with commas between; raises ``ImproperlyConfigured`` for what is none."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as fault:
        message = f"LIANXIN_TRUSTED_PROXIES names addresses or networks with commas between: {fault}"
        raise ImproperlyConfigured(message) from None


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The last address that somebody trusted vouches for.

    ``forwarded`` grows to the right, one address for each proxy passed. It is read from there for as long as whoever
    wrote the entry is trusted; what stands further left is what the client says of itself.
    """
    address = _parsed(peer)
    if address is None:
        return peer
    for entry in reversed(forwarded.split(",")):
        if not any(address in network for network in trusted):
            break
        before = _parsed(entry.strip())
        if before is None:
            break
        address = before
    return str(address)


def source_of(request: HttpRequest) -> str:
    """What throttles count a request under: the client's address, or its network of 64 bits in IPv6."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    address = _parsed(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _OF_ONE_CLIENT), strict=False))
    return str(address) if address else text


def _parsed(text: str) -> Address | None:
    told = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address((told["six"] or told["four"]) if told else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
