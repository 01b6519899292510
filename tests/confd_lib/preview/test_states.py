"""States of the preview: what stands in the address, and back."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confd_lib.golang.path import join
from confd_lib.preview.model.states import State, StateError

NAMES = st.text(st.characters(codec="utf-8"), min_size=1)
KEYS = NAMES.map(lambda name: join("/", name))
STATES = st.builds(
    State,
    resource=st.sampled_from(["", "a.toml", "vhosts.toml/web"]),
    container=st.sampled_from(["", "shop_web_1"]),
    version=st.sampled_from(["latest", "2015-12-19"]),
    scales=st.dictionaries(NAMES, st.integers(0, 2000)).map(lambda one: tuple(sorted(one.items()))),
    changed=st.dictionaries(KEYS, st.text()).map(lambda one: tuple(sorted(one.items()))),
    answers=st.dictionaries(NAMES, NAMES | st.just("")).map(lambda one: tuple(sorted(one.items()))),
    against=st.sampled_from(["last", "disk"]),
)


@given(STATES)
def test_a_state_survives_its_address(state: State) -> None:
    address = urlencode(state.parameters(), errors="surrogatepass")
    found = parse_qsl(address, keep_blank_values=True, errors="surrogatepass")
    assert State.parse(found) == state


def test_a_state_without_parameters_is_the_default() -> None:
    assert State.parse([]) == State()
    assert State().parameters() == {}
    assert State.parse([("resource", ""), ("version", ""), ("against", "")]) == State()


REFUSED = {
    "resourse=a": "there is no parameter 'resourse'; did you mean resource?",
    "x=1": "there is no parameter 'x'; there are resource, container, version, against,",
    "scale.web=": "scale.web=: it is not a whole number from 0 to 2000",
    "scale.web=-1": "scale.web=-1: it is not a whole number from 0 to 2000",
    "scale.web=2001": "scale.web=2001: it is not a whole number from 0 to 2000",
    "scale.web=³": "scale.web=³: it is not a whole number from 0 to 2000",
    "scale.web=1e3": "scale.web=1e3: it is not a whole number from 0 to 2000",
    f"scale.web={'9' * 5000}": f"scale.web={'9' * 5000}: it is not a whole number from 0 to 2000",
    "against=me": "against=me: it is last or disk",
}


@pytest.mark.parametrize(("address", "said"), REFUSED.items(), ids=[key[:20] for key in REFUSED])
def test_a_wrong_parameter_is_named(address: str, said: str) -> None:
    with pytest.raises(StateError, match=re.escape(said)):
        State.parse(parse_qsl(address, keep_blank_values=True))


@pytest.mark.parametrize("key", ["/a/b", "a/b", "//a/./b", "/a/c/../b/"])
def test_a_key_is_cleaned(key: str) -> None:
    assert State.parse([(f"set.{key}", "x")]).changed == (("/a/b", "x"),)


def test_the_last_of_a_repeated_parameter_counts() -> None:
    assert State.parse([("scale.web", "1"), ("scale.web", "2")]).scales == (("web", 2),)
