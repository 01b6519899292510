<%def name="settings(values)">\
% for key, value in sorted(values.items()):
${key} = ${value}
% endfor
</%def>\
<%def name="node(here)">\
[${here["path"]}]
memory = ${here["limits"]["memory"]["soft"]}/${here["limits"]["memory"]["hard"]}
${settings(here["settings"])}\
% for _, child in sorted(here["children"].items()):
${node(child)}\
% endfor
</%def>\
${node(tree)}
