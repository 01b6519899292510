% for container in containers:
${container["name"]}: \
% if container["state"] == "creating":
wait\
% elif container["state"] == "starting":
wait\
% elif container["state"] == "running":
ok\
% elif container["state"] == "updating":
ok\
% elif container["state"] == "degraded":
warn\
% elif container["state"] == "unhealthy":
warn\
% elif container["state"] == "restarting":
warn\
% elif container["state"] == "stopping":
drain\
% elif container["state"] == "stopped":
down\
% elif container["state"] == "removing":
down\
% elif container["state"] == "removed":
gone\
% elif container["state"] == "error":
page\
% else:
unknown\
% endif
% if container["public"]:
% if container["port"] > 1024:
% if container["ip"] and not container["paused"]:
 open\
% else:
 shut\
% endif
% else:
% if container["paused"] or container["system"]:
 kept\
% else:
 root\
% endif
% endif
% else:
 private\
% endif

% endfor

