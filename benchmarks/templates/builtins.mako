% for page in pages:
<a href="/?${page["query"] | u}">${page["title"] | h}</a> ${page["tags"][0]} ${page["code"][5:11]} ${len(page["tags"])}
% endfor

