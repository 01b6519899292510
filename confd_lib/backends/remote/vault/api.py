"""The HTTP API of Vault: log-ins, tokens, and answers as one kind of error each.

Knows nothing of keys and values, nor of several nodes. `hvac` knows the paths of the API; the
requests are made by `Web`, which bounds them.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import hvac
from hvac.adapters import Adapter
from hvac.exceptions import InvalidPath

from confd_lib import regular
from confd_lib.backends.remote.web import server
from confd_lib.errors import BackendError, ConfigError, Refused, system_reason
from confd_lib.escapes import quotation
from confd_lib.golang import json as gojson
from confd_lib.golang.strings import from_bytes
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confd_lib.backends.remote.web import Reply, Web

Answer = dict[str, Any]

# Where there is nothing, or nothing that can be listed or read.
_NOTHING: Final = (404, 405)
# An error with 404 that does not mean "nothing": a namespace that was removed must empty no files.
_NO_NAMESPACE: Final = "namespace not found"
# A node that is a standby, or has too much to do; another one may answer.
_BUSY: Final = (412, 429)
# A token is renewed once this part of its time has passed.
_RENEW_AFTER: Final = 1 / 3
# The token that Kubernetes gives to the containers of a pod.
_SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


def client(web: Web, url: str, namespace: str) -> hvac.Client:
    """Return a client of one node, which raises the errors of this package.

    Args:
        web: makes the requests.
        url: of the node.
        namespace: of Vault; empty for none.
    """
    # An empty token and a URL are given, since hvac would take those of the environment.
    make: Any = partial(_Requests, web)
    return hvac.Client(url=url, token="", verify=True, namespace=namespace or None, adapter=make)


class _Requests(Adapter):  # type: ignore[type-arg]  # a parameter of the stubs alone
    """Makes the requests of `hvac` by `Web`."""

    def __init__(self, web: Web, **options: Any) -> None:
        super().__init__(**options)
        self._web = web

    def get_login_token(self, response: Answer) -> str:
        return str(response["auth"]["client_token"])

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        raise_exception: bool = True,  # noqa: ARG002 - hvac's signature
        **options: Any,
    ) -> Answer:
        """Return an answer; numbers in it are those of `gojson.decode_numbers`.

        Raises:
            InvalidPath: there is nothing; hvac turns it into None.
            Refused: the request is refused.
            BackendError: there is no answer, or not one of Vault's.
        """
        query = urlencode(options.get("params") or {})
        reply = self._web.ask(
            method.upper(),
            f"{self.base_uri}{url}" + (f"?{query}" if query else ""),
            data=json.dumps(options["json"]) if "json" in options else None,
            headers={**self._headers(), **(headers or {})},
        )
        return _answer(self.base_uri, reply)

    def _headers(self) -> dict[str, str]:
        headers = {"X-Vault-Token": self.token, "X-Vault-Namespace": self.namespace}
        return {"X-Vault-Request": "true", **{k: v for k, v in headers.items() if v}}


def _answer(url: str, reply: Reply) -> Answer:
    """Return the answer in a reply.

    Raises:
        InvalidPath, Refused, BackendError: as `_Requests.request`.
    """
    status, answer = reply.status, _decoded(url, reply)
    if _is_response(status, answer):
        return answer
    errors = _errors(status, answer)
    if errors is None:
        raise BackendError(f"vault {server(url)}: {reply.line}: not an answer of Vault")
    if status in _NOTHING and _NO_NAMESPACE not in errors:
        raise InvalidPath
    refused = 400 <= status < 500 and status not in _BUSY
    reasons = _reasons(errors) or str(status)
    raise (Refused if refused else BackendError)(f"vault {server(url)}: {reasons}")


def _decoded(url: str, reply: Reply) -> Answer:
    """Return the object that the body of a reply is; an empty one if it is not an object."""
    try:
        answer = gojson.decode_numbers(from_bytes(reply.body))
    except RecursionError:
        raise BackendError(f"vault {server(url)}: an answer is nested too deep") from None
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_response(status: int, answer: Answer) -> bool:
    """Return whether an answer holds data or a log-in; a deleted version has data with a 404."""
    if status == 404:
        return "request_id" in answer and isinstance(answer.get("data"), dict)
    return status == 200 and any(isinstance(answer.get(part), dict) for part in ("data", "auth"))


def _errors(status: int, answer: Answer) -> list[str] | None:
    """Return the errors of an answer; None if the answer is not Vault's: a gateway has a 404 too.

    >>> _errors(404, {"errors": []}), _errors(404, {"message": "no Route matched"})
    ([], None)
    """
    if status == 404 and {"request_id", "data"} <= answer.keys():
        return []  # the KV engine has no such path; it gives warnings instead
    errors = answer.get("errors")
    is_list = isinstance(errors, list) and all(isinstance(error, str) for error in errors)
    return errors if is_list and status >= 400 else None


def _reasons(errors: list[str]) -> str:
    r"""Return the errors of an answer as one line.

    >>> _reasons(["1 error occurred:\n\t* permission denied\n\n"])
    'permission denied'
    """
    lines = [line.strip() for error in errors for line in error.splitlines()]
    listed = [line.removeprefix("* ") for line in lines if line.startswith("* ")]
    return quotation(", ".join(listed or filter(None, lines)))


# -- Logging in


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a log-in, and the place of its method.

    Attributes:
        method: its kind, a name of `METHODS`.
        path: where the method is mounted; empty for its usual place.
        parts: the values of the flags, by name.
    """

    method: str
    path: str
    parts: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.method:
            raise ConfigError("you have to set the auth type when using the vault backend")
        if self.method not in METHODS:
            raise ConfigError(
                f"Unable to authenticate: auth type {self.method} is not known; "
                f"there are {', '.join(METHODS)}"
            )
        for flag, name in METHODS[self.method].needs.items():
            if not self.parts.get(flag):
                raise ConfigError(f"{name} is missing from configuration (flag -{flag})")

    @property
    def log_in(self) -> Callable[[hvac.Client], Answer] | None:
        """A function that logs a client in; None where the token is given."""
        method = METHODS[self.method]
        if method.log_in is None:
            return None
        path = self.path.strip("/") or method.path
        return partial(method.log_in, path, *(self.parts[flag] for flag in method.needs))


@dataclass(frozen=True, slots=True)
class _Method:
    """A way to get a token.

    Attributes:
        needs: the flags with its credentials, and what confd calls them.
        path: where it is usually mounted.
        log_in: is called with the path, the credentials and a client; None without a log-in.
    """

    needs: Mapping[str, str]
    path: str = ""
    log_in: Callable[..., Answer] | None = None


def _by_role(path: str, role: str, secret: str, api: hvac.Client) -> Answer:
    answer: Answer = api.auth.approle.login(role, secret, mount_point=path)
    return answer


def _by_password(path: str, username: str, password: str, api: hvac.Client) -> Answer:
    # This method of hvac puts both into the path as they are.
    answer: Answer = api.auth.userpass.login(quote(username), password, mount_point=quote(path))
    return answer


def _by_service_account(path: str, role: str, api: hvac.Client) -> Answer:
    try:
        # Kubernetes replaces the file from time to time.
        jwt = from_bytes(regular.read_file(_SERVICE_ACCOUNT)).strip()
    except OSError as error:
        reason = f"open {_SERVICE_ACCOUNT}: {system_reason(error)}"
        raise BackendError(f"vault {server(api.url)}: {reason} (log-in by kubernetes)") from error
    answer: Answer = api.auth.kubernetes.login(role, jwt, mount_point=path)
    return answer


METHODS: Final[Mapping[str, _Method]] = {
    "app-role": _Method({"role-id": "role-id", "secret-id": "secret-id"}, "approle", _by_role),
    "kubernetes": _Method({"role-id": "role-id"}, "kubernetes", _by_service_account),
    "token": _Method({"auth-token": "token"}),
    "userpass": _Method({"username": "username", "password": "password"}, "userpass", _by_password),
}


@dataclass(frozen=True, slots=True)
class _Token:
    """A token.

    Attributes:
        text: the token itself.
        renew_at: when it is to be renewed, in seconds of `time.monotonic`.
    """

    text: str
    renew_at: float

    @classmethod
    def of(cls, text: str, facts: Answer, seconds: str) -> _Token:
        """Return a token from what Vault says of it.

        Args:
            text: the token itself.
            facts: with the name `renewable`.
            seconds: the name of its remaining time in `facts`; 0 is for ever.
        """
        left = float(facts[seconds])
        renewable = left and facts["renewable"]
        return cls(text, time.monotonic() + left * _RENEW_AFTER if renewable else math.inf)


class Login:
    """A log-in, and the token that came of it, which is renewed before its time ends.

    Args:
        credentials: what the log-in needs.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._token: _Token | None = None

    def enter(self, api: hvac.Client) -> None:
        """Log a client in, unless there is a token; renew it where it is time for that.

        Raises:
            Refused: the credentials are refused.
        """
        token = self._token = self._token or self._new_token(api)
        api.token = token.text
        if time.monotonic() >= token.renew_at:
            self._token = self._renewed(api, token)

    def enter_again(self, api: hvac.Client) -> bool:
        """Log a client in again if its token is no longer valid; return whether that was so.

        Raises:
            Refused: the credentials are refused, or the token is not valid and was given.
        """
        try:
            api.auth.token.lookup_self()
        except Refused:
            self._token = None
            self.enter(api)
            return True
        return False

    def _new_token(self, api: hvac.Client) -> _Token:
        log_in = self._credentials.log_in
        try:
            if log_in is None:
                api.token = self._credentials.parts["auth-token"]
                facts = api.auth.token.lookup_self()["data"]
                return _Token.of(api.token, facts, "ttl")
            facts = log_in(api)["auth"]
            return _Token.of(facts["client_token"], facts, "lease_duration")
        except InvalidPath:
            reason = "no such log-in; check its path and the namespace"
            raise Refused(f"vault {server(api.url)}: {reason} ({self._what})") from None
        except Refused as error:
            raise Refused(f"{error} ({self._what})") from error
        except (KeyError, TypeError, ValueError) as error:
            reason = f"{self._what}: not an answer of Vault"
            raise BackendError(f"vault {server(api.url)}: {reason}") from error

    @property
    def _what(self) -> str:
        """The log-in, for messages."""
        if self._credentials.log_in is None:
            return "log-in by token, which may have expired"
        return f"log-in by {self._credentials.method}"

    def _renewed(self, api: hvac.Client, token: _Token) -> _Token:
        """Return a token after its renewal; one that Vault does not renew lives on to its end."""
        try:
            facts = api.auth.token.renew_self()["auth"]
            return _Token.of(token.text, facts, "lease_duration")
        except (Refused, InvalidPath, KeyError, TypeError, ValueError) as error:
            LOGGER.debug("The token of %s is not renewed: %s", server(api.url), error)
            return _Token(token.text, math.inf)
