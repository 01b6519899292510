const origin = document.getElementById("origin");
const lists = ["template", "output"].map(id => document.querySelector(`#${id} .lines`));
const [template, output] = lists.map(list => [...list.children]);
joinSheets(...lists, document.getElementById("links"), text => { origin.textContent = text; });
