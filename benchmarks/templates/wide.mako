% for name in names:
${name}=${wide[name]}${" absent" if wide.get("absent") else ""}
% endfor
${wide["key7"]} ${wide["key77"]} ${wide["key777"]} ${wide["key7777"]}
