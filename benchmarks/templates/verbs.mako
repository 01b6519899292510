% for row in rows:
${"%s:%s" % (row["name"], row["count"])} ${"%s:%s" % (row["name"], row["load"])} ${"true" if row["up"] else "false"} ${"true" if row["up"] else "false"} ${quote(row["name"])} ${row["load"]} ${"true" if row["up"] else "false"}
% endfor

