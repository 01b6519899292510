from __future__ import annotations

import pickle
import warnings

import pytest

from metadata_client.compose import ComposeError, UnsetVariable

ENV = {
    "VAR": "value",
    "PORT": "3306",
    "QUOTED": 'it\'s "quoted":\n- [x]',
    "DOLLAR": "$VAR",
    "1": "one",
    "EMPTY": "",
}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("$VAR", "value", id="bare"),
        pytest.param("${VAR}", "value", id="braces"),
        pytest.param("a$VAR-b", "avalue-b", id="a name ends at the first other character"),
        pytest.param("$VAR$VAR", "valuevalue", id="twice"),
        pytest.param("${VAR}s", "values", id="braces end the name"),
        pytest.param("${1}", "one", id="in braces a digit may come first"),
        pytest.param("$$VAR", "$VAR", id="two dollars are one"),
        pytest.param("$$$VAR", "$value", id="three dollars"),
        pytest.param("${PORT}", "3306", id="a number stays a string"),
        pytest.param("$QUOTED", 'it\'s "quoted":\n- [x]', id="values are not parsed again"),
        pytest.param("$DOLLAR", "$VAR", id="values are not interpolated again"),
        pytest.param("[$EMPTY]", "[]", id="set, but empty"),
        pytest.param("$VARé", "valueé", id="names are ASCII"),
        pytest.param("no dollar", "no dollar", id="nothing to do"),
    ],
)
def test_substitutes(metadata_of, written, read):
    assert metadata_of(f"key: {written!r}", env=ENV) == {"key": read}


def test_values_at_any_depth_but_no_keys(metadata_of):
    read = metadata_of('"$VAR": ["$VAR", {"$VAR": "$VAR"}, 5]', env=ENV)
    assert read == {"$VAR": ["value", {"$VAR": "value"}, 5]}


@pytest.mark.parametrize(
    "written",
    ["$(date)", "$1", "${a-b}", "${a:-b}", "${}", "$-", "$", "a$", "${VAR", "$ VAR", "${V AR}"],
)
def test_bad_format_names_option_service_file_and_line(load, folder, written):
    rancher = f"web:\n  scale: 2\n  metadata:\n    deep:\n    - fine\n    - '{written}'\n"
    with pytest.raises(ComposeError) as caught:
        load("web:\n  image: web\n", rancher, env=ENV)
    assert str(caught.value) == (
        f"{folder}/rancher-compose.yml:6: Invalid interpolation format"
        f' for "metadata" option in service "web": "{written}"; write $$ for a dollar sign'
    )


def test_options_of_both_files(load):
    docker = "web:\n  image: web\n  labels:\n    app: ${VAR}\n  ports:\n  - ${PORT}:80\n"
    stack = load(docker, "web:\n  scale: ${SCALE}\n", env={**ENV, "SCALE": "3"})
    service = stack.services[0]
    assert (service.scale, service.labels, str(service.ports[0])) == (
        3,
        {"app": "value"},
        "3306:80/tcp",
    )


def test_unset_is_blank_and_warned_of_with_file_and_line(load, folder):
    with pytest.warns(UnsetVariable) as caught:
        stack = load("web:\n  image: web\n", "web:\n  metadata:\n    a: 1\n    b: <$NOT_SET>\n")
    assert stack.services[0].metadata == {"a": 1, "b": "<>"}
    (warning,) = caught
    assert (warning.filename, warning.lineno) == (f"{folder}/rancher-compose.yml", 4)
    assert str(warning.message) == (
        f"{folder}/rancher-compose.yml:4:"
        " The NOT_SET variable is not set. Substituting a blank string."
    )
    again = pickle.loads(pickle.dumps(warning.message))
    assert (str(again), again.variable) == (str(warning.message), "NOT_SET")


def test_unset_can_be_made_an_error(load):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnsetVariable)
        with pytest.raises(ComposeError, match="NOT_SET"):
            load("web:\n  image: $NOT_SET\n")


def test_what_is_no_service_is_not_interpolated(load):
    # Catalogs keep the questions of the user interface beside the services.
    stack = load("web:\n  image: web\n", ".catalog:\n  name: costs $5\nweb:\n  scale: 2\n")
    assert stack.services[0].scale == 2
