"""Whose tries are counted together: behind a trusted proxy each client for itself, and nobody by a made-up header."""

import pytest
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from lianxin.kernel.people.addresses import ClientAddressMiddleware, client_address, networks_in, source_of

OURS = networks_in("127.0.0.1, 10.0.0.0/8, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        # One proxy, two in a row, and one that is reached over IPv6.
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("fd00::5", "2001:db8::1", "2001:db8::1"),
        # What the client put there itself stands further left, and counts for nothing.
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "10.9.9.9, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        # Somebody who reaches us past the proxy is who they are.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("203.0.113.9", "", "203.0.113.9"),
        # Nothing or nonsense from the proxy: the proxy itself is counted.
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, _hidden, 10.1.2.3", "10.1.2.3"),
        # A ring of trusted addresses ends at the last.
        ("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
        # Spellings.
        ("127.0.0.1", "203.0.113.7:51000", "203.0.113.7"),
        ("127.0.0.1", "[2001:db8::1]:51000", "2001:db8::1"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", ""),
    ],
)
def test_client_address(peer: str, forwarded: str, address: str) -> None:
    assert client_address(peer, forwarded, OURS) == address


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_source_of_counts_a_network_of_ipv6_as_one(address: str, source: str) -> None:
    assert source_of(RequestFactory().get("/", REMOTE_ADDR=address)) == source


def test_middleware_is_not_used_without_trusted_proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = " "
    with pytest.raises(MiddlewareNotUsed):
        ClientAddressMiddleware(_answer)


@pytest.mark.parametrize("text", ["proxy.example.org", "10.0.0.1/8", "10.0.0.0/33"])
def test_middleware_refuses_a_proxy_that_is_no_address(settings: Settings, text: str) -> None:
    settings.TRUSTED_PROXIES = f"127.0.0.1,{text}"
    with pytest.raises(ImproperlyConfigured, match=f"LIANXIN_TRUSTED_PROXIES .*{text}"):
        ClientAddressMiddleware(_answer)


@pytest.mark.parametrize(("trusted", "third"), [("127.0.0.0/8", 422), ("", 429)])
def test_guessed_receipts_are_counted_for_each_client_behind_a_trusted_proxy(
    db: None, settings: Settings, trusted: str, third: int
) -> None:
    settings.TRUSTED_PROXIES = trusted
    assert [_guess("203.0.113.7") for _ in range(11)] == [422] * 10 + [429]
    assert _guess("203.0.113.8") == third


def test_guessed_receipts_are_counted_whatever_the_client_says_of_itself(
    db: None, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = "127.0.0.1"
    guesses = [_guess(f"198.51.100.{number}, 203.0.113.7") for number in range(11)]
    assert guesses == [422] * 10 + [429]


def _guess(forwarded: str) -> int:
    answer = Client().post("/receipt/", {"receipt": "0" * 20}, headers={"x-forwarded-for": forwarded})
    return answer.status_code


def _answer(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
