"""Templates with one seeded mistake each: the message names the key or the line to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from confd_lib.testing import Bench
from confd_lib.testing.rendered import explain
from confd_lib.testing.wiring import Wiring

if TYPE_CHECKING:
    from pathlib import Path

TREE = {
    "self": {
        "container": {"name": "shop_web_1", "primary_ip": "10.42.0.1", "create_index": 1},
        "service": {
            "name": "web",
            "metadata": {"port": 80, "debug": "yes", "backup-port": 8080, "empty": ""},
            "containers": [
                {"name": "shop_web_1", "primary_ip": "10.42.0.1"},
                {"name": "shop_web_2", "primary_ip": "10.42.0.2"},
            ],
        },
    },
    "services": [{"name": "web", "scale": 2}, {"name": "database", "scale": 1}],
    "sites": {"blog": "/srv/blog", "shop": "/srv/shop"},
    "json": '{"user": "root", "ports": [80, 443]}',
    "list": '["a", "b"]',
    "word": "text",
}
PORT = "/self/service/metadata/port"


class Mistake(NamedTuple):
    """A template with a mistake.

    Attributes:
        text: the template.
        named: the key, or the line as `:N`, that the message has to name.
        output: the expected output, where the mistake is no error.
        keys: the keys that the resource lists; empty for a template without a resource.
    """

    text: str
    named: str
    output: str = ""
    keys: tuple[str, ...] = ()


MISTAKES = {
    # -- Keys
    "the last name is misspelt": Mistake('{{getv "/self/service/metadata/prot"}}', PORT),
    "a name in the middle is misspelt": Mistake('{{getv "/self/service/metdata/port"}}', PORT),
    "the first name is misspelt": Mistake('{{getv "/slef/service/metadata/port"}}', PORT),
    "upper case": Mistake('{{getv "/self/service/metadata/Port"}}', PORT),
    "no slash at the beginning": Mistake('{{getv "self/service/metadata/port"}}', PORT),
    "a slash at the end": Mistake('{{getv "/self/service/metadata/port/"}}', PORT),
    "a level in the place of a value": Mistake('{{getv "/self/container"}}', "primary_ip"),
    "an underscore for a dash": Mistake(
        '{{getv "/self/service/metadata/backup_port"}}', "/self/service/metadata/backup-port"
    ),
    "a singular": Mistake('{{getv "/site/blog"}}', "/sites/blog"),
    "a service that is misspelt": Mistake(
        '{{getv "/services/databse/scale"}}', "/services/database/scale"
    ),
    "a container that is misspelt": Mistake(
        '{{getv "/self/service/containers/shop_wbe_2/primary_ip"}}',
        "/self/service/containers/shop_web_2/primary_ip",
    ),
    "a key that is made by printf": Mistake(
        'up\n{{$k := "prot"}}\n{{getv (printf "/self/service/metadata/%s" $k)}}', PORT
    ),
    "a key that is made in a range": Mistake(
        '{{range ls "/sites"}}\n{{getv (printf "/site/%s" .)}}{{end}}', "/sites/blog"
    ),
    "get": Mistake('{{(get "/words").Value}}', "/word"),
    "a field of another level": Mistake('{{getv "/self/container/ip"}}', "name, primary_ip"),
    "a key that is not listed": Mistake('{{getv "/word"}}', "/sites", keys=("/sites",)),
    "a list of keys with a slip": Mistake('{{getv "/word"}}', "/wrod", keys=("/wrod",)),
    # -- Fields
    "a misspelt field of a pair": Mistake('{{range gets "/sites/*"}}{{.Vaule}}{{end}}', "Value"),
    "a field in lower case": Mistake('{{range gets "/sites/*"}}{{.key}}{{end}}', "Key"),
    "a field of a name": Mistake('\n{{range ls "/sites"}}{{.Key}}{{end}}', ":2"),
    "a field of a value": Mistake('\n{{range getvs "/sites/*"}}{{.Value}}{{end}}', ":2"),
    "a field of a variable": Mistake(
        '{{range $pair := gets "/sites/*"}}{{$pair.Valeu}}{{end}}', "Value"
    ),
    "a field of a list": Mistake('a\n{{(gets "/sites/*").Key}}', ":2"),
    "a field of a text": Mistake('a\n{{(getv "/word").name}}', ":2"),
    "a method of the time": Mistake("{{datetime.Yeer}}", "Year"),
    # -- Functions
    "a function that is misspelt": Mistake('{{gtev "/word"}}', "getv"),
    "a function in lower case": Mistake('{{toupper "a"}}', "toUpper"),
    "a function with an underscore": Mistake('{{to_upper "a"}}', "toUpper"),
    "a function of another library": Mistake('a\n{{default "x" (getv "/word")}}', ":2"),
    "two letters exchanged": Mistake('{{join (spilt "a,b" ",") "-"}}', "split"),
    "an unknown trim": Mistake('{{trimSufix "a.b" ".b"}}', "trimSuffix"),
    "an unknown decoder": Mistake('{{base64decode "YQ=="}}', "base64Decode"),
    # -- Syntax
    "a block without its end": Mistake('{{range ls "/sites"}}\n{{.}}\n\n', ":1"),
    "an inner block without its end": Mistake(
        'a\n{{if exists "/word"}}\n{{range ls "/sites"}}{{.}}\n{{end}}\n', ":2"
    ),
    "an end too many": Mistake('{{if exists "/word"}}a{{end}}\nb\n{{end}}\n', ":3"),
    "an action that is not closed": Mistake('a\n{{getv "/word"\nb\n', "on line 2"),
    "a quote that is not closed": Mistake('a\n{{getv "/word}}\nb\n', ":2"),
    "a parenthesis that is not closed": Mistake('a\n{{print (getv "/word"}}\n', ":2"),
    "a parenthesis too many": Mistake('a\n{{print (getv "/word"))}}\n', ":2"),
    "an else without an if": Mistake("a\n{{else}}\n{{end}}", ":2"),
    "an if without a value": Mistake("a\n{{if}}b{{end}}", ":2"),
    "elseif in one word": Mistake('{{if exists "/a"}}\n{{elseif exists "/b"}}\n{{end}}', ":2"),
    "a pipe to nothing": Mistake('a\n{{getv "/word" | }}', ":2"),
    "a variable that is misspelt": Mistake('{{$port := "80"}}\n{{$prot}}', "$port"),
    "a variable of a block that has ended": Mistake(
        '{{if exists "/word"}}\n{{$x := "1"}}\n{{end}}\n{{$x}}', ":4"
    ),
    "an assignment before the declaration": Mistake('a\n{{$x = "1"}}', ":2"),
    "a break outside a range": Mistake("a\nb\n{{break}}", ":3"),
    "a template that is misspelt": Mistake('{{define "row"}}{{end}}{{template "rwo"}}', "row?"),
    "typographic quotes": Mistake("a\n{{getv “/word”}}", ":2"),
    # -- Types
    "a text compared with a number": Mistake(
        f'a\n{{{{if eq (getv "{PORT}") 80}}}}{{{{end}}}}', ":2"
    ),
    "a text less than a number": Mistake(f'a\n{{{{if lt (getv "{PORT}") 80}}}}{{{{end}}}}', ":2"),
    "a sum of texts": Mistake(f'a\n{{{{add (getv "{PORT}") 1}}}}', ":2"),
    "a number of a word": Mistake('a\n{{atoi (getv "/word")}}', '"text"'),
    "a text with an index by name": Mistake('a\n{{index (getv "/word") "x"}}', ":2"),
    "an index beyond the end": Mistake('a\n{{index (ls "/sites") 7}}', ":2"),
    "JSON that is a list": Mistake('a\n{{json (getv "/list")}}', ":2"),
    "a division by zero": Mistake("a\n{{div 1 0}}", ":2"),
    "a join of a JSON list": Mistake('a\n{{join (jsonArray (getv "/list")) ","}}', ":2"),
    "a range over a text": Mistake('a\n{{range getv "/word"}}{{end}}', ":2"),
    "an argument too few": Mistake('a\n{{replace "a" "b"}}', ":2"),
    # -- No errors
    "a condition that is negated": Mistake(
        f'port\n{{{{if not (exists "{PORT}")}}}}\nlisten {{{{getv "{PORT}"}}}}\n{{{{end}}}}',
        ":3",
        "port\n\nlisten 80\n",
    ),
    "another key": Mistake(
        f'listen {{{{getv "/self/service/metadata/backup-port"}}}}\n# {{{{getv "{PORT}"}}}}\n',
        ":1",
        "listen 80\n# 80\n",
    ),
    "a default for a key that is misspelt": Mistake(
        'a\nlisten {{getv "/self/service/metadata/prot" "8000"}}\n',
        "/self/service/metadata/prot, which does not exist",
        "a\nlisten 80\n",
    ),
    "a line feed that is trimmed": Mistake(
        '{{range ls "/sites"}}\nsite {{.}}\n{{- end}}\n', ":2", "\nsite blog\n\nsite shop\n\n"
    ),
    "a field of JSON that is misspelt": Mistake(
        '{{$j := json (getv "/json")}}\nuser {{$j.usr}}\n', ":2", "\nuser root\n"
    ),
    "a word of the template": Mistake("a\nlisen 80\n", ":2", "a\nlisten 80\n"),
}


def message(mistake: Mistake, folder: Path) -> str:
    """Return all that is said about the template."""
    (folder / "templates").mkdir()
    (folder / "conf.d").mkdir()
    (folder / "templates/t.tmpl").write_text(mistake.text)
    keys = ", ".join(f'"{key}"' for key in mistake.keys)
    (folder / "conf.d/t.toml").write_text(
        f'[template]\nsrc = "t.tmpl"\ndest = "/t"\nkeys = [{keys}]\n'
    )
    bench = Bench(Wiring(temporary=lambda: folder))
    try:
        if mistake.keys:
            out = bench.resource(folder / "conf.d/t.toml", TREE)
        else:
            out = bench.render(folder / "templates/t.tmpl", TREE)
    except Exception as error:  # noqa: BLE001 - the message is what is tested
        return "\n".join((str(error), *error.__notes__))
    return "\n".join(explain(out, mistake.output))


@pytest.mark.parametrize("name", MISTAKES)
def test_the_message_names_what_to_change(name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    said = message(mistake, tmp_path)
    wanted = f"t.tmpl{mistake.named}" if mistake.named.startswith(":") else mistake.named
    assert wanted in said


def test_there_are_enough_mistakes() -> None:
    assert len(MISTAKES) >= 60
