"""From a section or the entries of a ``model_list`` to a model group with its deployments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gmn_llm.config.addresses import address_fault
from gmn_llm.config.chain import Deployment, Group
from gmn_llm.config.names import BASE_URL_VARIABLES, DEFAULT_MODELS, KEY_VARIABLES, OLLAMA_URL, PRICE_SHAPE, is_price
from gmn_llm.config.references import PREFIX, references, resolved, variable_of
from gmn_llm.config.retries import ENTRY_KEYS, retries_of
from gmn_llm.config.settings import (
    AnthropicSection,
    ModelEntry,
    OllamaSection,
    OpenAISection,
    ProviderSection,
    Settings,
)
from gmn_llm.config.typed import param_shape, typed
from gmn_llm.config.values import CHECKS
from gmn_llm.errors import AuthenticationError, ConfigError

__all__ = ["MOCK_GROUP", "GroupBuilder", "ollama_url"]

PLACEHOLDER_KEY = "no-key"
ANY = "0.0.0.0"  # noqa: S104 - where a server binds to; nobody can be asked there
PREFIXES = {"openai": "openai/", "anthropic": "anthropic/", "ollama": "ollama_chat/"}
EMPTY: Mapping[str, ProviderSection] = {
    "openai": OpenAISection(),
    "anthropic": AnthropicSection(),
    "ollama": OllamaSection(),
}
MOCK_GROUP = Group(
    name="mock",
    provider="mock",
    model=DEFAULT_MODELS["mock"],
    deployments=(Deployment(id="mock/designer#1", provider="gmn_mock", model="gmn_mock/designer"),),
)


@dataclass(frozen=True, slots=True)
class GroupBuilder:
    """Builds the groups of one configuration in one environment."""

    settings: Settings
    environ: Mapping[str, str]

    def group(self, name: str) -> Group:
        """Return the model group ``name``.

        An OpenAI section with an address and no key is taken as it is, for local servers need none; they are
        sent a placeholder, because the protocol's client insists on one.

        Raises:
            AuthenticationError: The provider needs a key and has none; the message names the variable.
            ConfigError: A reference to an unset variable.
        """
        if name == "mock":
            return MOCK_GROUP
        if name in PREFIXES:
            return self._from_section(name)
        return self._from_entries(name)

    def has_key(self, name: str) -> bool:
        """Return whether the provider could be asked: it has a key, or an address that needs none."""
        section = self._section(name)
        if any(not self.environ.get(variable) for _, variable in references(section)):
            return False
        keyless = name == "openai" and self._base_url(name, section) is not None
        return section.api_key is not None or bool(self.environ.get(KEY_VARIABLES[name])) or keyless

    def has_address(self, name: str) -> bool:
        """Return whether the variable with the section's address is set, where it is in one."""
        variable = variable_of(self._section(name).base_url)
        return variable is None or bool(self.environ.get(variable))

    def refuse_keyless(self, group: Group) -> None:
        """Refuse a group of a ``model_list`` of which no deployment has the key that its provider asks for.

        LiteLLM takes a key from the environment too, so only OpenAI's and Anthropic's are known to be missing.

        Raises:
            AuthenticationError: It has none; the message names the variable.
        """
        if all(map(self._lacks_key, group.deployments)):
            variable = KEY_VARIABLES[group.deployments[0].provider]
            raise AuthenticationError(
                f"{group.name} has no key: {variable} is not set and its entry has no api_key",
                hint=f"set {variable}, or write api_key: os.environ/NAME into the entry",
            )

    def _lacks_key(self, deployment: Deployment) -> bool:
        variable = KEY_VARIABLES.get(deployment.provider)
        if variable is None or self.environ.get(variable):
            return False
        # Headers may hold a key, and a server with an address of its own may need none.
        return not any(deployment.params.get(name) for name in ("api_key", "extra_headers", "api_base", "base_url"))

    def notes(self, name: str) -> Iterator[str]:
        """Yield, in words, what is changed on the way from the configuration to the group."""
        models = [self.settings.ollama.model or ""] if name == "ollama" and self.settings.ollama else []
        models += [str(entry.litellm_params.get("model")) for entry in self._entries(name)]
        for model in models:
            if model.startswith("ollama/"):
                yield f"{model} is reached as {chat_model(model)}, because only that route takes all options"

    def _section(self, name: str) -> ProviderSection:
        section: ProviderSection | None = getattr(self.settings, name)
        return EMPTY[name] if section is None else section

    def _from_section(self, name: str) -> Group:
        section = self._section(name)
        bare = _bare(section.model or DEFAULT_MODELS[name], name)
        deployment = Deployment(
            id=f"{name}/{bare}#1",
            provider=PREFIXES[name].rstrip("/"),
            model=PREFIXES[name] + bare,
            params=self._params(name, section),
            structured_output=section.structured_output,
            context_window=section.context_window,
            vision=section.vision,
        )
        return self._group(name, name, bare, (deployment,), count=section.max_retries)

    def _group(
        self,
        name: str,
        provider: str,
        model: str,
        deployments: tuple[Deployment, ...],
        *,
        count: int | None = None,
        entries: Sequence[Mapping[str, object]] = (),
    ) -> Group:
        try:
            retries = retries_of(name, self.settings, self.environ, count=count, entries=entries)
        except KeyError as error:
            raise ConfigError(f"the retries of {name}: the variable {error.args[0]} is not set") from None
        return Group(
            name=name,
            provider=provider,
            model=model,
            deployments=deployments,
            max_retries=retries.most,
            retry_policy=retries.policy,
        )

    def _params(self, name: str, section: ProviderSection) -> Mapping[str, object]:
        set_fields = {key: value for key, value in section if value is not None}
        params: dict[str, object] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in set_fields.items()
            if key not in section.HANDLED_FIELDS
        }
        params.update(section.params)
        if section.extra_headers:
            params["extra_headers"] = section.extra_headers
        base_url = self._base_url(name, section)
        if base_url is not None:
            params["api_base"] = base_url
        key = self._key(name, section, keyless=base_url is not None)
        if key is not None:
            params["api_key"] = key
        return self._resolved(params, name)

    def _key(self, name: str, section: ProviderSection, *, keyless: bool) -> object:
        if section.api_key is not None:
            return section.api_key
        variable = KEY_VARIABLES.get(name)
        if variable is None:
            return None
        if self.environ.get(variable):
            return PREFIX + variable
        if name == "openai" and keyless:
            return PLACEHOLDER_KEY
        raise AuthenticationError(
            f"{name} has no key: {variable} is not set and the configuration has no {name}.api_key",
            hint=f"set {variable}, or choose another provider",
        )

    def _base_url(self, name: str, section: ProviderSection) -> str | None:
        if name == "ollama":
            return ollama_url(self.settings, self.environ)
        if section.base_url is not None:
            return section.base_url
        return next((PREFIX + v for v in BASE_URL_VARIABLES[name] if self.environ.get(v)), None)

    def _entries(self, name: str) -> Sequence[ModelEntry]:
        return [entry for entry in self.settings.model_list if entry.model_name == name]

    def _from_entries(self, name: str) -> Group:
        entries = self._entries(name)
        deployments = tuple(self._deployment(name, entry, number) for number, entry in enumerate(entries, start=1))
        bare = deployments[0].model.split("/", 1)[-1]
        return self._group(name, name, bare, deployments, entries=[entry.litellm_params for entry in entries])

    def _deployment(self, name: str, entry: ModelEntry, number: int) -> Deployment:
        given = {key: value for key, value in entry.litellm_params.items() if key not in ENTRY_KEYS}
        params = dict(self._resolved(given, f"model_list.{name}"))
        model = chat_model(str(params.pop("model")))
        prefix = model.split("/", 1)[0] if "/" in model else ""
        variable = f"{prefix.upper()}_API_KEY"
        found = self.environ.get(variable, "")
        if "api_key" not in params and (variable in self.settings.added_variables or found != found.strip()):
            # LiteLLM finds it in the environment, but knows nothing of an env file, and takes blanks for the key.
            params |= self._resolved({"api_key": PREFIX + variable}, f"model_list.{name}")
        named, vision = entry.model_info.get("id"), entry.model_info.get("supports_vision")
        return Deployment(
            id=str(named) if named else f"{name}/{model}#{number}",
            provider=str(params.get("custom_llm_provider") or prefix),
            model=model,
            params=params,
            info={key: typed(PRICE_SHAPE if is_price(key) else None, value) for key, value in entry.model_info.items()},
            structured_output=entry.structured_output,
            vision=vision if isinstance(vision, bool) else None,
        )

    def _resolved(self, params: Mapping[str, object], where: str) -> Mapping[str, object]:
        try:
            plain = resolved(params, self.environ)
        except KeyError as error:
            path = next(path for path, variable in references(params) if variable == error.args[0])
            raise ConfigError(
                f"{where}.{'.'.join(map(str, path))} refers to the environment variable {error.args[0]}, "
                "which is not set"
            ) from None
        return (
            {key: _usable(key, value, params[key], where) for key, value in plain.items()}
            if isinstance(plain, Mapping)
            else {}
        )


def _usable(key: str, value: object, given: object, where: str) -> object:
    """Return a key or an address without the blanks around it, and a number that stands in a variable as one.

    Raises:
        ConfigError: It can't work; the message has the name of its variable and no key.
    """
    if key not in CHECKS:
        return typed(param_shape(key), value) if variable_of(given) is not None or is_price(key) else value
    if isinstance(value, Mapping) and isinstance(given, Mapping):
        return {name: _sent(CHECKS[key], part, given[name], f"{where}.{key}.{name}") for name, part in value.items()}
    key_there = "base_url" if key == "api_base" and where in PREFIXES else key
    return _sent(CHECKS[key], value, given, f"{where}.{key_there}")


def _sent(check: Callable[[str], str | None], value: object, given: object, where: str) -> object:
    if not isinstance(value, str):
        return value
    fault = check(value)
    if fault is not None:
        variable = variable_of(given)
        raise ConfigError(f"{where}: {'' if variable is None else f'the environment variable {variable}: '}{fault}")
    return value.strip()


def ollama_url(settings: Settings, environ: Mapping[str, str]) -> str:
    """Return the address of the Ollama server: the section's, the environment's, or the usual one.

    ``OLLAMA_HOST`` may lack the scheme and the port and may be the address a server binds to, as Ollama's own
    programs take it.

    Raises:
        ConfigError: The section refers to a variable that is not set, or nobody can be asked at the address.
    """
    section = settings.ollama
    if section is not None and section.base_url is not None:
        variable = variable_of(section.base_url)
        if variable is not None and not environ.get(variable):
            raise ConfigError(f"ollama.base_url refers to the environment variable {variable}, which is not set")
        url = str(_usable("base_url", resolved(section.base_url, environ), section.base_url, "ollama"))
        return url.rstrip("/")
    variable = next((name for name in BASE_URL_VARIABLES["ollama"] if environ.get(name, "").strip()), None)
    value = OLLAMA_URL if variable is None else environ[variable].strip()
    url = value if "://" in value else f"http://{value}"
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if ":" not in host.rpartition("]")[2]:
        host += ":443" if scheme == "https" else ":11434"
    host = f"127.0.0.1{host.removeprefix(ANY)}" if host.startswith(ANY) else host
    host = f"127.0.0.1{host}" if host.startswith(":") else host
    url = f"{scheme}://{host}{slash}{path}".rstrip("/")
    fault = address_fault(url)
    if fault is not None:
        raise ConfigError(f"the environment variable {variable}: {fault}")
    return url


def chat_model(model: str) -> str:
    """Return ``ollama_chat/x`` for ``ollama/x``, a route that flattens messages and misplaces keep_alive."""
    return model.replace("ollama/", "ollama_chat/", 1) if model.startswith("ollama/") else model


def _bare(model: str, name: str) -> str:
    prefixes = ("ollama_chat/", "ollama/") if name == "ollama" else (PREFIXES[name],)
    for prefix in prefixes:
        if model.startswith(prefix):
            return model.removeprefix(prefix)
    return model
