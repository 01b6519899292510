% for host in hosts:
${host["name"]} ${host["address"]}:${host["port"]} ${host["zone"]["name"]}/${host["zone"]["rack"]}\
% for key, value in sorted(host["labels"].items()):
 ${key}=${value}\
% endfor

% endfor

