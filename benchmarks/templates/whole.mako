% for row in rows:
[${" ".join(row["tags"])}] map[${" ".join(f"{key}:{value}" for key, value in sorted(row["labels"].items()))}] ${row["load"]}
% endfor

