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

function button(name, text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.ariaLabel = name;
  made.append(text);
  made.addEventListener("click", act);
  return made;
}

// Figures of one kind stand below one another; with a slider they are gone through one by one.
for (const group of document.querySelectorAll(".browse")) {
  const figures = [...group.children];
  if (figures.length < 2) continue;
  const bar = document.createElement("p");
  const slider = document.createElement("input");
  const output = document.createElement("output");
  const show = (place) => {
    const at = Math.min(Math.max(place, 0), figures.length - 1);
    figures.forEach((figure, i) => { figure.hidden = i !== at; });
    slider.value = at;
    slider.setAttribute("aria-valuetext", figures[at].dataset.label);
    output.textContent = `${figures[at].dataset.label} (${at + 1} of ${figures.length})`;
  };
  bar.className = "controls";
  Object.assign(slider, { type: "range", min: 0, max: figures.length - 1, step: 1, ariaLabel: "Network shown" });
  slider.addEventListener("input", () => show(Number(slider.value)));
  const step = (by) => () => show(Number(slider.value) + by);
  bar.append(button("Previous network", "‹", step(-1)), slider, button("Next network", "›", step(1)), output);
  group.prepend(bar);
  show(0);
}

// Values under the pointer, and one after the other by buttons: places are fractions of the picture.
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);

function tell(text, x, y) {
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 4))}px`;
  tip.style.top = `${Math.max(4, y + 18 + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 10 : y + 18)}px`;
}

function nearest(spots, x, y, width, height) {
  let found = null, least = 14, smallest = Infinity;
  for (const spot of spots) {
    const [left, top, right, bottom] = spot;
    const across = Math.max(left - x, 0, x - right) * width, along = Math.max(top - y, 0, y - bottom) * height;
    const far = Math.hypot(across, along), area = (right - left) * (bottom - top);
    if (far < least || (far === least && area < smallest)) [found, least, smallest] = [spot, far, area];
  }
  return found;
}

for (const image of document.querySelectorAll("img[data-spots]")) {
  const spots = JSON.parse(image.dataset.spots);
  image.addEventListener("pointermove", (event) => {
    const box = image.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
    const spot = nearest(spots, x, y, box.width, box.height);
    tell(spot && spot[4], event.clientX, event.clientY);
  });
  image.addEventListener("pointerleave", () => tell(""));
  const bar = document.createElement("p");
  const output = document.createElement("output");
  let place = -1;
  const step = (by) => () => {
    place = (Math.max(place, by < 0 ? 0 : -1) + by + spots.length) % spots.length;
    output.textContent = `${spots[place][4]} (${place + 1} of ${spots.length})`;
  };
  bar.className = "controls";
  bar.append("Values", button("Previous value", "‹", step(-1)), button("Next value", "›", step(1)), output);
  image.closest("figure").querySelector("figcaption").append(bar);
}
addEventListener("scroll", () => tell(""), { passive: true });

// Options and environment are printed also where they are folded, by browsers whose style sheets cannot unfold them too.
const folded = [...document.querySelectorAll("details.printed")];
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = folded.filter((each) => !each.open);
  for (const each of unfolded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of unfolded) each.open = false;
});

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
