% for host in hosts:
${host} ${wide.get("alias") or "no alias"} ${wide.get("zone") or "eu"}\
% if wide.get("limits"):
 ${wide["limits"]["soft"]}\
% endif
 ${wide["key1"]} ${wide["key2"]} ${wide["key3"]} ${wide["key4"]} ${wide["key5"]} ${wide["key6"]} ${wide["key4991"]} ${wide["key4992"]} ${wide["key4993"]} ${wide["key4994"]} ${wide["key4995"]} ${wide["key4996"]}
% endfor

