"""Compose files that are wrong: the error names the file, the line and what is wrong."""

from __future__ import annotations

import pickle

import pytest

from metadata_client.compose import ComposeError

WEB = "web:\n  image: web\n"
DB = "db:\n  image: db\n"
OTHERS = "the dialect compose-spec reads files of today's Docker Compose"

BAD = [
    pytest.param(
        f"{WEB}  links:\n  - nothing:alias\n",
        "",
        "docker-compose.yml:4: Failed to find service nothing to link to",
        id="a link to nothing",
    ),
    pytest.param(
        f"{WEB}  labels:\n    io.rancher.sidekicks: conf\n",
        "",
        "docker-compose.yml:4: Failed to find sidekick: conf",
        id="no such sidekick",
    ),
    pytest.param(
        f"{WEB}{DB}  net: container:web\n",
        "",
        "docker-compose.yml:5: Failed to find web, whose network db shares:"
        " it must be deployed with it, as its sidekick or its primary",
        id="the network of a stranger",
    ),
    pytest.param(
        f"{WEB}  net: container:web\n",
        "",
        "docker-compose.yml:3: web shares the network of web",
        id="its own network, shared",
    ),
    pytest.param(
        "a:\n  net: container:b\n  labels: {io.rancher.sidekicks: b}\nb:\n  net: container:a\n",
        "",
        "docker-compose.yml:2: a shares the network of b shares the network of a",
        id="networks in a ring",
    ),
    pytest.param(
        f"{WEB}  environment:\n    A: '${{a:-b}}'\n",
        "",
        'docker-compose.yml:4: Invalid interpolation format for "environment" option'
        ' in service "web": "${a:-b}"; write $$ for a dollar sign',
        id="a variable in an option that we do not read",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: 2\n  metadata: text\n",
        "rancher-compose.yml:3: cannot unmarshal !!str `text` into map[string]interface {}",
        id="metadata that is no map",
    ),
    pytest.param(
        WEB,
        "web:\n  metadata:\n  - much longer than that\n",
        "rancher-compose.yml:2: cannot unmarshal !!seq into map[string]interface {}",
        id="metadata that is a list",
    ),
    pytest.param(
        WEB,
        "web:\n  metadata: abcdefghijk\n",
        "rancher-compose.yml:2: cannot unmarshal !!str `abcdefg...` into map[string]interface {}",
        id="long values are cut",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: three\n",
        'rancher-compose.yml:2: strconv.ParseInt: parsing "three": invalid syntax',
        id="a scale that is no number",
    ),
    pytest.param(
        WEB,
        'web:\n  scale: "3\\n\\u00e9\\u2028\\""\n',
        r'rancher-compose.yml:2: strconv.ParseInt: parsing "3\né\u2028\"": invalid syntax',
        id="a scale of several lines is quoted as Go does",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: 2.5\n",
        'rancher-compose.yml:2: strconv.ParseInt: parsing "2.5": invalid syntax',
        id="a scale that is not whole",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: yes\n",
        'rancher-compose.yml:2: strconv.ParseInt: parsing "true": invalid syntax',
        id="a scale that is a boolean",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: 9223372036854775808\n",
        'rancher-compose.yml:2: strconv.ParseInt: parsing "9223372036854775808": '
        "value out of range",
        id="a scale that is too large",
    ),
    pytest.param(
        WEB,
        f"web:\n  scale: {'9' * 5000}\n",
        f'rancher-compose.yml:2: strconv.ParseInt: parsing "{"9" * 5000}": value out of range',
        id="a scale of 5000 digits",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: [1]\n",
        "rancher-compose.yml:2: Failed to unmarshal Stringorint",
        id="a scale that is a list",
    ),
    pytest.param(
        f"{WEB}{DB}{WEB}",
        "",
        'docker-compose.yml:5: key "web" already set in map',
        id="two services of one name",
    ),
    pytest.param(
        WEB,
        "web:\n  scale: 1\nweb:\n  scale: 2\n",
        'rancher-compose.yml:3: key "web" already set in map',
        id="the same in the other file",
    ),
    pytest.param(
        "web:\n  image: [\n",
        "",
        "docker-compose.yml:3: yaml: line 3: ",
        id="broken YAML",
    ),
    pytest.param(
        "- web\n",
        "",
        "docker-compose.yml:1: cannot unmarshal !!seq into config.RawServiceMap",
        id="a list of services",
    ),
    pytest.param(
        "version: '3'\nservices:\n  web: {}\n",
        "",
        "docker-compose.yml:1: cannot unmarshal !!str `3` into config.RawService;"
        f" rancher-compose reads version '2', and files that name no version; {OTHERS}",
        id="a version that rancher-compose does not know",
    ),
    pytest.param(
        "services: {}\nversion: 2.1\n",
        "",
        "docker-compose.yml:2: cannot unmarshal !!float `2.1` into config.RawService;"
        f" rancher-compose reads version '2', and files that name no version; {OTHERS}",
        id="a version that it does not know either",
    ),
    pytest.param(
        WEB,
        "web:\n  health_check:\n    port: eighty\n",
        "rancher-compose.yml:3: cannot unmarshal !!str `eighty` into int64",
        id="a port of a health check that is no number",
    ),
    pytest.param(
        WEB,
        "web:\n  health_check:\n    interval: 1\n    port: $$PORT\n",
        "rancher-compose.yml:4: cannot unmarshal !!str `$PORT` into int64 (written $$PORT)",
        id="a port that is a dollar sign",
    ),
    pytest.param(
        WEB,
        "web:\n  health_check:\n    port: true\n",
        "rancher-compose.yml:3: cannot unmarshal !!bool `true` into int64",
        id="a port that is a boolean",
    ),
    pytest.param(
        WEB,
        "web:\n  health_check:\n    recreate_on_quorum_strategy_config:\n      quorum: [1]\n",
        "rancher-compose.yml:4: cannot unmarshal !!seq into int64",
        id="a quorum that is a list",
    ),
    pytest.param(
        "web:\n  image: lb\n",
        "web:\n  lb_config:\n    port_rules:\n    - source_port: 1\n    - priority: '1.5'\n",
        "rancher-compose.yml:5: cannot unmarshal !!str `1.5` into int64",
        id="a priority that is not whole",
    ),
    pytest.param(
        WEB,
        f"web:\n  health_check:\n    port: '{'9' * 5000}'\n",
        "rancher-compose.yml:3: cannot unmarshal !!str `9999999...` into int64",
        id="a number of 5000 digits",
    ),
    pytest.param(
        "web: &web\n  image: web\ndb: *web\nx: &x [a, *x]\n",
        "",
        "docker-compose.yml:4: yaml: line 4: anchor 'x' value contains itself",
        id="an anchor in itself",
    ),
    pytest.param(
        "version: '2'\nservices:\n  web: {}\n  db: {}\n  web: {}\n",
        "",
        'docker-compose.yml:5: key "web" already set in map',
        id="two services of one name in version 2",
    ),
    pytest.param(
        f"{WEB}  ports:\n  - 80\n  - http\n",
        "",
        "docker-compose.yml:5: Invalid containerPort: http",
        id="not a port",
    ),
    pytest.param(
        f"{WEB}  ports:\n  - 65535:65536\n",
        "",
        "docker-compose.yml:4: Invalid containerPort: 65535:65536",
        id="a port that is too large",
    ),
    pytest.param(
        f"{WEB}  ports:\n  - 65536:80\n",
        "",
        "docker-compose.yml:4: Invalid hostPort: 65536",
        id="a public port that is too large",
    ),
    pytest.param(
        f"{WEB}  ports:\n  - {'9' * 5000}\n",
        "",
        f"docker-compose.yml:4: Invalid containerPort: {'9' * 5000}",
        id="a port of 5000 digits",
    ),
    pytest.param(
        "web:\n  image: {a: b}\n",
        "",
        "docker-compose.yml:2: cannot unmarshal !!map into string",
        id="an image that is a map",
    ),
    pytest.param(
        f"{WEB}  links: {{a: b}}\n",
        "",
        "docker-compose.yml:3: cannot unmarshal !!map into []string",
        id="links that are a map",
    ),
    pytest.param(
        f"{WEB}  extends: {{service: base}}\n",
        "",
        "docker-compose.yml:3: Unsupported config option for web service: 'extends'",
        id="what we do not read",
    ),
]


@pytest.mark.parametrize(("docker", "rancher", "message"), BAD)
def test_bad_input(load, folder, docker, rancher, message):
    with pytest.raises(ComposeError) as caught:
        load(docker, rancher)
    assert str(caught.value).startswith(f"{folder}/{message}")
    assert message.endswith(" ") or str(caught.value) == f"{folder}/{message}"
    assert caught.value.line == int(message.split(":")[1])
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.path, again.line) == (
        str(caught.value),
        caught.value.path,
        caught.value.line,
    )
