"""Which parameters of a call or a deployment have a say in the answer, in the one form in which a key has them.

What has none: keys of providers, headers, timeouts, limits of rate and money, and the order of dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gmn_llm.config.masking import is_secret
from gmn_llm.config.names import PRICE_PREFIXES
from gmn_llm.config.settings import ProviderSection

__all__ = ["decisive", "normal"]

UNDECIDING = ProviderSection.ROUTER_FIELDS | {
    "cooldown_time", "default_api_key_rpm_limit", "default_api_key_tpm_limit", "default_headers", "extra_headers",
    "headers", "itpm", "keep_alive", "litellm_trace_id", "max_budget", "budget_duration", "max_retries", "metadata",
    "num_retries", "order", "otpm", "prompt_cache_key", "request_timeout", "retry_policy", "safety_identifier",
    "ssl_verify", "store", "stream", "stream_options", "stream_timeout", "tags", "turn_off_message_logging", "user",
    "weight",
}  # fmt: skip
SPOKEN = frozenset({
    "bos_token", "cls_token", "end_token", "eos_token", "image_token", "mask_token", "pad_token", "sep_token",
    "start_token", "stop_token", "unk_token",
})  # fmt: skip
"""Words of a prompt, and no secrets though they are called tokens."""
COUNTING = frozenset({
    "allowed", "bad", "banned", "budget", "completion", "forced", "input", "max", "min", "new", "output", "prompt",
    "reasoning", "skip", "special", "stop", "suppress", "thinking", "truncate",
})  # fmt: skip
"""What stands beside ``tokens`` where those of a text are meant."""
HARMLESS = re.compile(r"tokeni[sz]\w*|keyword\w*")
ALWAYS = ("api_key", "apikey", "password", "secret", "credential", "authorization", "cookie")
"""Secrets though they should be a number."""
FURTHER = ("auth", "bearer", "passwd", "passphrase", "pwd", "signature")
"""Secrets inside of what goes to the provider as it is, by parts of their names."""
ACCOUNT = re.compile(r"(?<=://)[^\s/?#]*@")
QUERY = re.compile(r"[?&]([^=&#\s]+)=[^&#\s]*")


def decisive(params: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters that have a say in the answer, without a secret at any depth."""
    said = {
        name: normal(value)
        for name, value in params.items()
        if not (name in UNDECIDING or name.startswith(PRICE_PREFIXES) or value is None or _is_hidden(name, value))
    }
    # One that held nothing but secrets is as good as none.
    return {name: value for name, value in said.items() if value != {}}


def normal(value: object) -> object:
    """Return ``value`` in the form that all its equals have, without the secrets in it.

    A number without a fraction is an integer, names are text, addresses have no account; what is no JSON is left.
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, str):
        return _open(value)
    if isinstance(value, list | tuple):
        return [normal(part) for part in value]
    if isinstance(value, Mapping):
        return {
            str(name) if isinstance(name, int) and not isinstance(name, bool) else name: normal(part)
            for name, part in value.items()
            if not (isinstance(name, str) and _is_hidden(name, part))
        }
    return value


def _is_hidden(name: str, value: object) -> bool:
    lowered = name.lower()
    if any(word in lowered for word in ALWAYS):
        return True
    if lowered in SPOKEN or _counts(value):
        return False
    parts = set(re.split(r"[^a-z0-9]+", lowered))
    if "tokens" in parts and parts & COUNTING:
        return False
    return bool(parts & set(FURTHER)) or is_secret(HARMLESS.sub("", lowered))


def _counts(value: object) -> bool:
    """Whether there is nothing but numbers and words of logic in it."""
    if isinstance(value, list | tuple):
        return all(_counts(part) for part in value)
    if isinstance(value, Mapping):
        return all(_counts(part) for part in value.values())
    return isinstance(value, bool | int | float)


def _open(text: str) -> str:
    """Return a text without the accounts and the keys of the addresses in it."""
    if "://" not in text:
        return text
    plain = ACCOUNT.sub("", text)
    return QUERY.sub(lambda found: "" if _is_hidden(found[1], "") else found[0], plain)
