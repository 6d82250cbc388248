/** The cells of a slice as a table; pointing at a row outlines its cell on the slice, and a click keeps it there. */
class Regions {
  constructor() {
    this.body = document.querySelector("#regions tbody");
    this.dims = [1, 1];
    this.chosen = null;
  }

  load(slice) {
    this.dims = slice.dims;
    this.chosen = null;
    const regions = slice.regions ?? [];
    const more = slice.more_regions ?? 0;
    element("regions").hidden = regions.length === 0;
    element("more-regions").hidden = more === 0;
    element("more-regions").textContent = `${more} more in the report`;
    this.body.replaceChildren(...regions.map((region) => this.rowOf(region)));
    this.outline(null);
  }

  rowOf(region) {
    const row = document.createElement("tr");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = region.path;
    const cells = [
      [button, ""],
      [span(region.row, region.rows), "number"],
      [span(region.col, region.cols), "number"],
      [number(region.phi), "number"],
      [number(region.score), "number"],
      [region.kept ? "kept" : "dropped", region.kept ? "" : "dropped"],
    ];
    for (const [content, name] of cells) {
      const cell = document.createElement("td");
      cell.className = name;
      cell.append(content);
      row.append(cell);
    }
    row.addEventListener("pointerenter", () => this.outline(region));
    row.addEventListener("pointerleave", () => this.outline(this.chosen));
    button.addEventListener("focus", () => this.outline(region));
    button.addEventListener("blur", () => this.outline(this.chosen));
    row.addEventListener("click", () => this.choose(row, region));
    return row;
  }

  /** Chooses a region, or none where it is chosen already. */
  choose(row, region) {
    this.body.querySelector("[aria-current]")?.removeAttribute("aria-current");
    this.chosen = this.chosen === region ? null : region;
    if (this.chosen !== null) row.setAttribute("aria-current", "true");
    this.outline(this.chosen);
  }

  /** A region over the lower or right border goes on at the other side: it is drawn there too. */
  outline(region) {
    const [rows, cols] = this.dims;
    const shapes = [];
    if (region !== null && [region.row, region.col, region.rows, region.cols].every(Number.isFinite)) {
      const ups = region.row + region.rows > rows ? [0, rows] : [0];
      const lefts = region.col + region.cols > cols ? [0, cols] : [0];
      for (const up of ups) {
        for (const left of lefts) {
          for (const name of ["under", "over"]) shapes.push(this.shape(region, up, left, name));
        }
      }
    }
    element("region").replaceChildren(...shapes);
  }

  shape(region, up, left, name) {
    const [rows, cols] = this.dims;
    const rect = element("box").content.querySelector("rect").cloneNode();
    rect.setAttribute("class", name);
    rect.setAttribute("x", `${(100 * (region.col - left)) / cols}%`);
    rect.setAttribute("y", `${(100 * (region.row - up)) / rows}%`);
    rect.setAttribute("width", `${(100 * region.cols) / cols}%`);
    rect.setAttribute("height", `${(100 * region.rows) / rows}%`);
    return rect;
  }
}

/** The first and the last of so many pixels. */
function span(first, length) {
  if (!Number.isFinite(first) || !Number.isFinite(length)) return "";
  const pixel = (position) => String(Number(position.toFixed(1)));
  return `${pixel(first)}\u2013${pixel(first + length - 1)}`;
}

function number(value) {
  return Number.isFinite(value) ? short(value) : "";
}

