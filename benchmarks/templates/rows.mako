% for row in rows:
${"%05d" % row["id"]} ${"%-12s" % row["name"]} ${"%8.3f" % row["load"]} ${"%x" % row["flags"]} ${"%s:%d" % (row["ip"], row["port"])}
% endfor

