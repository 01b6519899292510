"""Functions beyond the recordings of confd: shared arrays, lookups, the machine."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from confd_lib import render
from confd_lib.errors import ConfigError, MissingLibrary
from confd_lib.funcs import functions, lookup, system
from confd_lib.funcs.sequences import KVPairs
from confd_lib.rendering import functions as described
from confd_lib.store.store import Store
from gotmpl import ExecError
from gotmpl.golang.time import Time, now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = {"/p/ccc": "1", "/p/a": "2", "/p/bb": "3"}

# -- The table


@pytest.mark.parametrize(("compat", "count"), [("", 32 + 7), ("0.16", 32 + 7), ("0.11", 12 + 7)])
def test_each_version_has_its_functions(compat: str, count: int) -> None:
    assert len(functions(Store(), compat)) == count


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ConfigError, match=r'^compat "0\.9" is not known: choose 0\.11 or 0\.16$'):
        functions(Store(), "0.9")


def test_every_function_has_a_line_of_help() -> None:
    for name, line in described().items():
        assert line.endswith("."), name
        assert len(line) < 100, name


def test_the_fork_lacks_later_functions() -> None:
    with pytest.raises(Exception, match='function "atoi" not defined'):
        render('{{atoi "1"}}', compat="0.11")


# -- Lists that share an array


@pytest.mark.parametrize(
    ("template", "output"),
    [
        pytest.param(
            '{{$l := gets "/p/*"}}{{$s := sortKVByLength $l}}{{$t := sortKVByLength $l}}'
            "{{$r := reverse $s}}{{range $t}}{{.Value}}{{end}} {{range $l}}{{.Value}}{{end}}",
            "132 132",
            id="sorted-twice",
        ),
        pytest.param(
            '{{$l := gets "/p/*"}}{{$r := reverse $l}}{{range $l}}{{.Value}}{{end}}',
            "231",
            id="reverse-does-nothing-to-gets",
        ),
        pytest.param(
            '{{$l := ls "/p"}}{{$m := sortByLength $l}}{{$r := reverse $m}}{{$l}}',
            "[ccc bb a]",
            id="names",
        ),
        pytest.param("{{$l := seq 1 3}}{{$r := reverse $l}}{{$l}}", "[1 2 3]", id="numbers"),
        pytest.param(
            '{{$l := slice (gets "/p/*") 1}}{{range reverse $l}}{{.Value}}{{end}}'
            '{{printf " %T %v" $l (gets "/p/*" | len)}}',
            "31 memkv.KVPairs 3",
            id="a-part-of-gets-is-of-its-type",
        ),
    ],
)
def test_reordering_changes_every_list_over_the_array(template: str, output: str) -> None:
    assert render(template, KEYS) == output


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ('{{(gets "/p/*").Len}} {{(gets "/x").Len}}', "3 0"),
        ('{{with slice (gets "/p/*") 1}}{{.Len | printf "%03d"}}{{end}}', "002"),
        ('{{if gt (gets "/p/*").Len 2}}many{{end}}', "many"),
    ],
)
def test_the_pairs_of_gets_have_the_method_len(template: str, output: str) -> None:
    assert render(template, KEYS) == output


def test_errors_name_the_type_of_a_part_of_gets() -> None:
    with pytest.raises(ExecError, match=r"expected \[\]string; got memkv\.KVPairs$"):
        render('{{join (slice (gets "/p/*") 1) ","}}', KEYS)


BYTES = ['"\\xc3" "\\xa9"', '(print "\\xc3") (slice "é" 1)']
JOINED = [
    "print @",
    'printf "%s%s" @',
    'printf "%v%s" @',
    'printf "%s%-1s" @',
    'join (split (printf "%s,%s" @) ",") ""',
    'replace (printf "%s,%s" @) "," "" 1',
    "html @",
]


@pytest.mark.parametrize("around", ["@", "{{range seq 1 1}}@{{end}}"])
@pytest.mark.parametrize("pair", BYTES)
@pytest.mark.parametrize("joined", JOINED)
def test_bytes_side_by_side_are_a_character_to_every_function(
    joined: str, pair: str, around: str
) -> None:
    made = f"({joined.replace('@', pair)})"
    if around != "@":  # printf is inlined for values, not for constants
        made = made.replace(' "\\xc3"', " $a").replace(' "\\xa9"', " $b")
    text = f'{{{{contains {made} "é"}}}} {{{{toUpper {made}}}}} {{{{trimSuffix {made} "é"}}}}|'
    declared = '{{$a := "\\xc3"}}{{$b := "\\xa9"}}'
    assert render(f"{declared}{around.replace('@', text)}", {}) == "true É |"


def test_what_a_template_writes_in_pieces_is_one_text() -> None:
    assert render('{{"\\xc3"}}{{"\\xa9"}}{{datetime.Format "\\xc3\\xa9"}}', {}) == "éé"


def test_seq_makes_numbers_lazily() -> None:
    text = "{{range $i, $n := seq 1 900000000000}}{{if eq $i 2}}{{break}}{{end}}{{$n}} {{end}}"
    assert render(f"{text}{{{{len (seq 1 900000000000)}}}}", {}) == "1 2 900000000000"


def test_a_store_is_not_reordered_by_a_template() -> None:
    store = Store(KEYS)
    render('{{reverse (ls "/p")}}{{reverse (sortKVByLength (gets "/p/*"))}}', store)
    assert store.ls("/p") == ["a", "bb", "ccc"]
    assert isinstance(functions(store)["gets"]("/p/*"), KVPairs)


# -- Lookups


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("10.0.0.1", ["10.0.0.1"]),
        ("2001:DB8::A", ["2001:db8::a"]),
        ("::ffff:1.2.3.4", ["1.2.3.4"]),
        ("fe80::1%lo", ["fe80::1"]),
        ("127.1", []),
        ("0x7f.1", []),
        ("", []),
        ("a..b", []),
        (".", []),
        ("é.example", []),
        ("no-such-host.invalid", []),
    ],
)
def test_addresses(host: str, addresses: list[str]) -> None:
    assert lookup.lookup_ip(host) == addresses


def test_addresses_of_a_name_come_from_the_system() -> None:
    wanted = {str(found[4][0]) for found in socket.getaddrinfo("localhost", None)}
    assert set(lookup.lookup_ip("localhost")) == wanted
    assert lookup.lookup_ipv4("localhost") == sorted(a for a in wanted if "." in a)
    assert lookup.lookup_ipv6("localhost") == sorted(a for a in wanted if ":" in a)


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve the SRV records of one service over UDP on loopback; yield the names asked for."""
    message = pytest.importorskip("dns.message")
    resolver = pytest.importorskip("dns.resolver")
    rrset = pytest.importorskip("dns.rrset")
    asked: list[str] = []

    def answer(data: bytes) -> bytes:
        question = message.from_wire(data)
        name = str(question.question[0].name)
        asked.append(name)
        response: Any = message.make_response(question)
        if name == "_db._tcp.example.com.":
            response.answer.append(
                rrset.from_text(
                    name, 60, "IN", "SRV", "10 5 3306 b.example.com.", "5 1 3307 a.example.com."
                )
            )
        else:
            response.set_rcode(3)
        wire: bytes = response.to_wire()
        return wire

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while (received := server.recvfrom(4096))[0] != b"stop":
                server.sendto(answer(received[0]), received[1])

        ours = resolver.Resolver(configure=False)
        ours.nameservers, ours.port = ["127.0.0.1"], server.getsockname()[1]
        monkeypatch.setattr(resolver, "default_resolver", ours)
        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", server.getsockname())
        thread.join()


def test_services_come_from_dns_sorted_by_their_text(name_server: list[str]) -> None:
    template = (
        '{{range lookupSRV "db" "tcp" "example.com"}}{{.Target}}:{{.Port}}/{{.Priority}} {{end}}'
    )
    assert render(template) == "a.example.com.:3307/5 b.example.com.:3306/10 "
    assert render('{{(index (lookupSRV "" "" "_db._tcp.example.com") 0).Weight}}') == "1"
    assert set(name_server) == {"_db._tcp.example.com."}


def test_an_unknown_service_gives_an_empty_list(name_server: list[str]) -> None:
    assert render('{{len (lookupSRV "web" "tcp" "example.com")}}') == "0"
    assert name_server


def test_the_error_for_a_missing_library_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dns.resolver", None)
    with pytest.raises(MissingLibrary) as caught:
        lookup.lookup_srv("db", "tcp", "example.com")
    assert str(caught.value) == "lookupSRV needs a library: pip install 'confd-lib[dns]'"
    with pytest.raises(ExecError, match=r"error calling lookupSRV: lookupSRV needs a library"):
        render('{{lookupSRV "db" "tcp" "example.com"}}')


# -- The machine


def test_files_exist_unless_the_system_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    found = {
        name: system.file_exists(str(tmp_path / name))
        for name in ("file", "", "none", "dangling", "file/below", "a\0b", "x" * 300)
    }
    assert found == {
        "file": True,
        "": True,
        "none": False,
        "dangling": False,
        "file/below": True,
        "a\0b": True,
        "x" * 300: True,
    }
    assert not system.file_exists("")


def test_the_parts_of_a_moment() -> None:
    moment = Time(1_700_000_000_123_456_789, _local=False)
    template = (
        "{{.Year}} {{.Month}} {{.Day}} {{.Hour}} {{.Minute}} {{.Second}} {{.Nanosecond}} "
        "{{.YearDay}} {{.Weekday}} {{.Unix}} {{.UnixMilli}} {{.UnixMicro}} {{.UnixNano}} "
        '{{.IsZero}} {{printf "%d %d" .Month .Weekday}} {{.}}'
    )
    functions_of_moment = {"moment": lambda: moment}
    from gotmpl import render as plain  # noqa: PLC0415 - only here beside confd_lib's

    assert plain("{{with moment}}" + template + "{{end}}", funcs=functions_of_moment) == (
        "2023 November 14 22 13 20 123456789 318 Tuesday 1700000000 1700000000123 "
        "1700000000123456 1700000000123456789 false 11 2 "
        "2023-11-14 22:13:20.123456789 +0000 UTC"
    )


def test_the_present_moment_has_a_monotonic_clock() -> None:
    assert " m=+" in render("{{datetime}}")
    assert " m=" not in now().UTC().String()
    assert " m=+" not in now().AddDate(0, 0, 1).String()
    assert now().UTC().Local().Unix() - now().Unix() in (-1, 0)


def test_the_tables_of_a_zone_are_not_printed() -> None:
    assert render('{{printf "%#v" datetime.Location}}', {}) == "&time.Location{}"
