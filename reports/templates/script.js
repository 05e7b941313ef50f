"use strict";
const order = new Intl.Collator("en", { numeric: true });

function compare(a, b) {
  const x = a.dataset.value, y = b.dataset.value;
  if (x === undefined || y === undefined) return order.compare(a.textContent, b.textContent);
  if (x === "" || y === "") return (x === "") - (y === "");
  const difference = Number(x) - Number(y);
  return Number.isNaN(difference) ? order.compare(x, y) : difference;
}

function sort(table, heading) {
  const column = heading.cellIndex;
  const up = heading.getAttribute("aria-sort") !== "ascending";
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => (up ? 1 : -1) * compare(a.cells[column], b.cells[column]));
  body.append(...rows);
}

for (const table of document.querySelectorAll("table")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 2) continue;
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading));
    heading.append(button);
  }
  if (rows.length < 12) continue;
  const label = document.createElement("label");
  const input = document.createElement("input");
  const output = document.createElement("output");
  label.className = "filter";
  input.type = "search";
  label.append("Rows with the words", input, output);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent.toLowerCase()).join(" ");
      row.hidden = !words.every((word) => text.includes(word));
      count += row.hidden ? 0 : 1;
    }
    output.textContent = words.length ? `${count} of ${rows.length}` : "";
  });
  table.parentElement.before(label);
}

// Links to the pictures beside the page also work where the page stands alone: the page holds the pictures itself.
for (const link of document.querySelectorAll("a[data-save]")) {
  link.addEventListener("click", () => {
    const image = link.closest("figure").querySelector("img");
    if (link.dataset.save === "svg") {
      link.href = image.src;
      return;
    }
    const canvas = document.createElement("canvas");
    const scale = 1800 / image.naturalWidth;
    canvas.width = 1800;
    canvas.height = Math.round(image.naturalHeight * scale);
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    link.href = canvas.toDataURL("image/png");
  });
}
