global
    maxconn ${getv("/haproxy/maxconn")}

defaults
    mode http
    timeout connect ${getv("/haproxy/timeout/connect", "5s")}
    timeout client ${getv("/haproxy/timeout/client", "50s")}
    timeout server ${getv("/haproxy/timeout/server", "50s")}
% for backend in backends:

backend ${backend["name"]}
    mode ${backend["mode"]}
    balance ${getv("/services/%s/balance" % backend["name"], "roundrobin")}
% if backend["mode"] == "http":
    option httpchk GET ${backend["check"]}
% else:
    option tcp-check
% endif
% for server in backend["servers"]:
    server ${server["name"]} ${server["ip"]}:${server["port"]} check weight ${server["weight"]} maxconn ${backend["maxconn"]}${" backup" if server["backup"] else ""}
% endfor
% endfor

