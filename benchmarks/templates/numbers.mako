% for row in rows:
${row["id"]} ${row["port"]} ${row["weight"]} ${row["low"]} ${row["high"]} ${row["level"]}
% endfor

