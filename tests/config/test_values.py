"""Keys, addresses and durations that can't work are told on loading, or when a variable is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from gmn_llm.config import load_settings, resolve_chain, shared_redis
from gmn_llm.config.sections import ollama_url
from gmn_llm.errors import ConfigError
from tests.config.test_messages import told

WRONG = [
    ("localhost:80", "the address does not begin with http:// or https://; write http://localhost:80"),
    ("http:/h", "the address does not begin with http:// or https://"),
    ("ftp://x", "the address begins with ftp://, expected http:// or https://"),
    ("http://", "the address has no host after http://; write one such as http://localhost"),
    ("http://:80/v1", "the address has no host after http://; write one such as http://localhost"),
    ("http://h:99999", "the port is not a whole number from 1 to 65535"),
    ("http://h:0", "the port is not a whole number from 1 to 65535"),
    ("http://h:http", "the port is not a whole number from 1 to 65535"),
    ("http://a b", "the address has a blank or a character that can't be seen within; take it out"),
    ("http://[::1", "the host is no IPv6 address in brackets; write it as [::1]"),
    ("http://a..b", "the host is no name: a part between two dots is empty or longer than 63 characters"),
    ("http://{host}/v1", "the host has a character that no name has: {"),
    (" ", "the address is blank; write one such as http://localhost"),
]


@pytest.mark.parametrize(("address", "words"), WRONG)
def test_an_address_that_can_not_be_asked(address: str, words: str) -> None:
    """It is a mistake of the configuration in a section, in an entry and in a variable."""
    entry = {"model_name": "g", "litellm_params": {"model": "openai/x", "api_base": address}}
    from_variable = {"provider": "openai", "openai": {"base_url": "os.environ/WHERE"}}

    assert told({"ollama": {"base_url": address}}) == [f"ollama.base_url: {words}"]
    assert told({"model_list": [entry]}) == [f"model_list[0].litellm_params.api_base: {words}"]
    assert told(from_variable, WHERE=address) == [f"openai.base_url: the environment variable WHERE: {words}"]


@pytest.mark.parametrize(
    "address",
    ["http://localhost", "https://h:443/v1/", "HTTP://H:1", "http://[::1]:8080/v1", "http://a_b.c.:80", "http://1.2.3.4",
     "https://user:word@h/x?api-version=1", "http://münchen.example", " http://h\n"],
)  # fmt: skip
def test_an_address_that_can_be_asked(address: str) -> None:
    """Hosts, literals of both kinds, paths and queries are taken, and blanks around an address."""
    assert told({"openai": {"base_url": address}}) == []


def test_a_password_in_an_address_is_not_told() -> None:
    """The message of a wrong address has none of its user's name and password."""
    [message] = told({"cache": {"redis_url": "us3r:s3cret@h:99999"}})

    assert message.startswith("cache.redis_url: ")
    assert "s3cret" not in message
    assert "us3r" not in message


def test_addresses_of_redis() -> None:
    """Both settings for it take the schemes of Redis, and no others."""
    for url in ("redis://h", "rediss://:word@h:6379/0", "unix:///run/redis.sock"):
        assert told({"cache": {"redis_url": url}, "router_settings": {"redis_url": url}}) == []
    assert told({"cache": {"redis_url": "http://h"}}) == [
        "cache.redis_url: the address begins with http://, expected redis:// or rediss:// or unix://"
    ]
    assert told({"cache": {"redis_url": "unix://"}}) == [
        "cache.redis_url: the address has no path of a socket after unix://"
    ]


def test_a_mounted_address_of_redis_has_no_line_break() -> None:
    """What stands around the address in a variable is not part of it."""
    environ = {"WHERE": "redis://h:6379/0\n"}

    settings = load_settings({"cache": {"redis_url": "os.environ/WHERE"}}, environ=environ)

    assert shared_redis(settings, environ=environ) == "redis://h:6379/0"


def test_the_environments_own_addresses_are_checked_when_asked() -> None:
    """A wrong OPENAI_BASE_URL or OLLAMA_HOST is told with its name where that provider is asked, and only there."""
    environ = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "h:1", "OLLAMA_HOST": "h:99999"}
    assert resolve_chain(load_settings({"provider": "mock"}, environ=environ), environ=environ).names == ("mock",)

    for name, words in (
        ("openai", "openai.base_url: the environment variable OPENAI_BASE_URL: .*write http://h:1"),
        ("ollama", "the environment variable OLLAMA_HOST: the port"),
    ):
        with pytest.raises(ConfigError, match=words):
            resolve_chain(load_settings({"provider": name}, environ=environ), environ=environ)


def test_ollamas_own_variable_may_lack_the_host() -> None:
    """A port alone is this machine's, as to Ollama's own programs, and what stands around it is not minded."""
    assert ollama_url(load_settings({}, environ={}), {"OLLAMA_HOST": ":1234\n"}) == "http://127.0.0.1:1234"


CONFIGURATIONS: list[tuple[Mapping[str, object], Mapping[str, str]]] = [
    ({"provider": "openai"}, {"OPENAI_API_KEY": " key-0123\n"}),
    ({"provider": "openai", "openai": {"api_key": "os.environ/K"}}, {"K": "key-0123\r\n"}),
    ({"provider": "openai", "openai": {"api_key": "key-0123\n"}}, {}),
    ({"model_list": [{"model_name": "g", "litellm_params": {"model": "openai/x", "api_key": "key-0123 "}}]}, {}),
    (
        {"model_list": [{"model_name": "g", "litellm_params": {"model": "openai/x", "api_key": "os.environ/K"}}]},
        {"K": "\tkey-0123"},
    ),
    ({"model_list": [{"model_name": "g", "litellm_params": {"model": "groq/x"}}]}, {"GROQ_API_KEY": "key-0123\n"}),
]


@pytest.mark.parametrize(("configuration", "environ"), CONFIGURATIONS)
def test_a_key_is_sent_without_what_is_around_it(
    configuration: Mapping[str, object], environ: Mapping[str, str]
) -> None:
    """A line break at the end of a mounted secret is no part of the key, wherever the key comes from."""
    chain = resolve_chain(load_settings(configuration, environ=environ), environ=environ)

    assert chain.groups[0].deployments[0].params["api_key"] == "key-0123"


@pytest.mark.parametrize("key", ["  ", "\n", "sk-g\u00e4heim", "sk-\u201cquoted\u201d", "sk-one\nsk-two"])
def test_a_key_that_can_not_be_sent(key: str) -> None:
    """It is a mistake of the configuration that names the setting and the variable and never shows the key."""
    entry = {"model_name": "g", "litellm_params": {"model": "openai/x", "api_key": key}}
    found = [
        *told({"openai": {"api_key": key}}),
        *told({"model_list": [entry]}),
        *told({"provider": "anthropic", "anthropic": {"api_key": "os.environ/K"}}, K=key),
        *told({"openai": {"extra_headers": {"X-Key": key}}}),
    ]
    with pytest.raises(ConfigError) as caught:
        resolve_chain(load_settings({}, environ={}), provider_type="openai", environ={"OPENAI_API_KEY": key})
    found.append(str(caught.value))

    assert [message.partition(": the key")[0] for message in found] == [
        "openai.api_key", "model_list[0].litellm_params.api_key",
        "anthropic.api_key: the environment variable K", "openai.extra_headers.X-Key",
        "openai.api_key: the environment variable OPENAI_API_KEY",
    ]  # fmt: skip
    assert not any("sk-" in message or "heim" in message for message in found)


@pytest.mark.parametrize("value", ["5m", "1h30m", "1.5h", "300ms", "-1m", "0", 300, -1, "os.environ/X"])
def test_a_duration_that_ollama_takes(value: object) -> None:
    """Numbers are seconds, and texts are numbers with units, as Go reads them."""
    entry = {"model_name": "g", "litellm_params": {"model": "ollama_chat/x", "keep_alive": value}}

    assert told({"ollama": {"keep_alive": value}, "model_list": [entry]}, X="10m") == []


@pytest.mark.parametrize("value", ["5 lightyears", "5 m", "1d", "300", "-1", "m", "", 1.5, True, ["5m"]])
def test_a_duration_that_ollama_refuses(value: object) -> None:
    """What Ollama would answer with an error of its own is told on loading, with what it takes."""
    entry = {"model_name": "g", "litellm_params": {"model": "ollama_chat/x", "keep_alive": value}}
    messages = told({"ollama": {"keep_alive": value}, "model_list": [entry]})

    assert [message.partition(": ")[0] for message in messages] == [
        "ollama.keep_alive", "model_list[0].litellm_params.keep_alive",
    ]  # fmt: skip
    assert all("such as 5m, 1h30m" in message for message in messages), json.dumps(messages)


def test_a_duration_in_a_variable_is_checked() -> None:
    """A wrong duration in a variable is told with the variable's name."""
    configuration = {"provider": "ollama", "ollama": {"keep_alive": "os.environ/X"}}

    assert told(configuration, X="long") == [
        "ollama.keep_alive: the environment variable X: no duration of Ollama's; write a number of seconds, or units "
        "such as 5m, 1h30m"
    ]
