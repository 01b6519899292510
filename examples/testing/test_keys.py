"""The keys that templates read, and the origin of their lines."""

from __future__ import annotations


def test_a_line_comes_from_its_site(confd):
    stack = confd.compose(".", name="shop")
    web = confd.as_("shop_web_1", version="2015-12-19")
    trace = web.trace("templates/sites.conf.tmpl", stack)
    (root,) = [line for line in trace.lines if "/srv/blog" in line.text]
    assert root.template_lines == (7,)
    assert root.keys == ("/self/service/metadata/sites/blog.example/root",)


def test_nothing_is_asked_for_that_others_set(confd):
    trace = confd.trace("templates/status.ini.tmpl", {"self": {"container": {"primary_ip": "::1"}}})
    assert [str(read) for read in trace.missing] == [
        "line 3: getv /self/service/metadata/status_port: default"
    ]
