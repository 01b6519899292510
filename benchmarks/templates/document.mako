{
  "stack": ${quote(stack)},
  "services": [\
% for i, service in enumerate(services):
${"," if i else ""}
    {
      "name": ${quote(service["name"])},
      "image": ${quote(service["image"])},
      "scale": ${service["scale"]},
      "load": ${service["load"]},
      "healthy": ${"true" if service["healthy"] else "false"},
      "ports": [\
% for j, port in enumerate(service["ports"]):
${", " if j else ""}${port}\
% endfor
],
      "environment": {\
% for key, value in sorted(service["environment"].items()):

        ${quote(key)}: ${quote(value)},\
% endfor

        "SERVICE": ${quote(service["name"])}
      }
    }\
% endfor

  ]
}
