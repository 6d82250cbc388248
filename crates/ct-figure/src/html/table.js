const NUMBER = /^[-+\u2212]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const collator = new Intl.Collator("en", { numeric: true });

/** The table of slices; `onSort(key)` and `onPick(slice)` are called on clicks. */
class Table {
  constructor(slices, onSort, onPick) {
    this.slices = slices;
    this.columns = columnsOf(slices);
    this.body = document.querySelector("#list tbody");
    this.scroll = document.querySelector("#list .scroll");
    this.order = slices;
    this.sorted = null;
    for (const column of this.columns) {
      column.header = document.createElement("th");
      column.header.scope = "col";
      column.header.className = column.numeric ? "number" : "";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = column.title;
      button.addEventListener("click", () => onSort(column.key));
      column.header.append(button);
      document.querySelector("#list thead tr").append(column.header);
    }
    for (const slice of slices) {
      slice.row = this.rowOf(slice);
      slice.row.addEventListener("click", () => onPick(slice));
    }
  }

  rowOf(slice) {
    const row = document.createElement("tr");
    row.dataset.slice = slice.key;
    for (const column of this.columns) {
      const cell = document.createElement("td");
      cell.className = column.numeric ? "number" : "";
      const value = column.value(slice);
      if (column.key === "id") {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = shorten(slice.id);
        button.title = slice.id;
        cell.append(button);
      } else {
        cell.textContent = column.text ? column.text(slice) : (value ?? "");
      }
      if (column.key === "prediction" && slice.prediction === 1) cell.classList.add("positive");
      if (column.key === "prediction" && slice.error !== undefined) cell.classList.add("failed");
      row.append(cell);
    }
    return row;
  }

  /** Sorts by `key`, downwards after a minus; by the order of the run if there is no such column. */
  sort(sort) {
    if (sort === this.sorted) return;
    this.sorted = sort;
    const down = sort.startsWith("-");
    const key = down ? sort.slice(1) : sort;
    const column = this.columns.find((candidate) => candidate.key === key);
    for (const { header } of this.columns) header.removeAttribute("aria-sort");
    this.order = [...this.slices];
    if (column) {
      column.header.setAttribute("aria-sort", down ? "descending" : "ascending");
      this.order.sort((a, b) => compare(column, a, b, down));
    }
    this.body.replaceChildren(...this.order.map((slice) => slice.row));
  }

  /** The sort that follows on a click: upwards, downwards, then the order of the run. */
  nextSort(key) {
    if (this.sorted === key) return `-${key}`;
    return this.sorted === `-${key}` ? "" : key;
  }

  select(slice) {
    this.body.querySelector("[aria-current]")?.removeAttribute("aria-current");
    slice.row.setAttribute("aria-current", "true");
    // Scrolls the table only, never the page.
    const header = this.columns[0].header.offsetHeight;
    const top = slice.row.offsetTop - header;
    const bottom = slice.row.offsetTop + slice.row.offsetHeight - this.scroll.clientHeight;
    this.scroll.scrollTop = Math.max(Math.min(this.scroll.scrollTop, top), bottom);
  }
}

/** The columns every report has, then one for each name of a fact. */
function columnsOf(slices) {
  const columns = [
    { key: "id", title: "Slice", value: (slice) => slice.id, numeric: false },
    {
      key: "probability",
      title: "Probability",
      value: (slice) => slice.probability,
      text: (slice) => slice.probability_text ?? "",
    },
    {
      key: "prediction",
      title: "Prediction",
      value: (slice) => slice.prediction,
      text: (slice) => slice.prediction ?? "failed",
    },
    { key: "boxes", title: "Boxes", value: (slice) => slice.boxes?.length },
  ];
  const names = new Set(slices.flatMap((slice) => slice.facts.map(([name]) => name)));
  for (const name of names) {
    const value = (slice) => slice.facts.find(([candidate]) => candidate === name)?.[1];
    columns.push({ key: `fact:${name}`, title: name, value });
  }
  for (const column of columns) {
    column.numeric ??= slices.every((slice) => {
      const value = column.value(slice);
      return isMissing(value) || typeof value === "number" || NUMBER.test(value.trim());
    });
  }
  return columns;
}

function isMissing(value) {
  return value === undefined || value === null || value === "";
}

/** Slices without a value stand last in both directions, equal ones in the order of the run. */
function compare(column, a, b, down) {
  const [left, right] = [column.value(a), column.value(b)];
  if (isMissing(left) || isMissing(right)) return isMissing(left) - isMissing(right);
  const difference = column.numeric
    ? toNumber(left) - toNumber(right)
    : collator.compare(left, right);
  return down ? -difference : difference;
}

function toNumber(value) {
  return Number(String(value).trim().replace("\u2212", "-"));
}

/** Long names lose their middle: the end of an identifier tells slices apart. */
function shorten(text) {
  const chars = Array.from(text);
  return chars.length <= 32 ? text : [...chars.slice(0, 12), "…", ...chars.slice(-18)].join("");
}

