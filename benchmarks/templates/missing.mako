% for row in rows:
${row["name"]}${" " + row["alias"] if row.get("alias") else ""}${" %d" % row["limits"]["soft"] if row.get("limits") else ""}${" off" if row.get("disabled") else ""}
% endfor

