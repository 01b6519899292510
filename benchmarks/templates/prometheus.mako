[\
% for i, job in enumerate(jobs):
${"," if i else ""}
  {
    "targets": [\
% for j, target in enumerate(job["targets"]):
${", " if j else ""}${quote("%s:%d" % (target["ip"], target["port"]))}\
% endfor
],
    "labels": {
      "job": ${quote(job["name"])},
      "__scheme__": ${quote(str(job["scheme"]))}\
% for key, value in sorted(job["labels"].items()):
,
      ${quote(key)}: ${quote(value)}\
% endfor

    }
  }\
% endfor

]
