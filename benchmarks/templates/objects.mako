% for host in Hosts:
${host.Name} ${host.Address}:${host.Port} ${host.Zone.Name}/${host.Zone.Rack}${" up" if host.Up else ""}
% endfor

