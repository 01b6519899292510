const frozen = document.getElementById("frozen");
const show = (text) => { document.getElementById("view").textContent = text; };
if (frozen) { show(frozen.textContent); } else {
  fetch("/view" + location.search).then((answer) => answer.text()).then(show);
}
