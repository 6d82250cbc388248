const element = (id) => document.getElementById(id);

/** The viewer of one slice; `onWindow(name)` is called when another window is chosen. */
class Viewer {
  constructor(settings, common, onWindow) {
    this.settings = settings;
    this.common = common;
    this.onWindow = onWindow;
    this.legend = new Legend(settings);
    this.regions = new Regions();
    this.slice = null;
    this.windows = [];
    this.map = null;
    this.against = null;
    element("grey").addEventListener("error", () => fail(`the image of ${this.slice.id} is broken`));
    // In the next frame: the new height of the image changes the size that is observed.
    new ResizeObserver(() => requestAnimationFrame(() => this.fit())).observe(element("viewer"));
    addEventListener("resize", () => this.fit());
  }

  show(slice, state) {
    if (this.slice !== slice) this.load(slice);
    const shown = this.windows.find(([name]) => name === state.window) ?? this.windows[0];
    if (shown) {
      const [name, uri] = shown;
      if (element("grey").getAttribute("src") !== uri) element("grey").src = uri;
      element("grey").alt = `Slice ${slice.id}, window ${name}`;
      for (const input of element("windows").querySelectorAll("input")) {
        input.checked = input.value === name;
      }
    }
    this.showHeat(state);
    element("opacity").value = state.opacity;
    element("opacity-value").textContent = `${state.opacity} %`;
    element("boxes").toggleAttribute("hidden", !state.boxes);
    element("show-boxes").checked = state.boxes;
  }

  /** Colours the map; its legend explains below 0 only where that can be seen. */
  showHeat(state) {
    const has = this.map !== null;
    for (const part of [element("heat"), element("legend"), ...document.querySelectorAll(".of-heat")]) {
      part.hidden = !has;
    }
    element("against-control").hidden = this.against === null;
    element("show-against").checked = state.against;
    if (!has) return;
    const scale = state.scale ?? this.common;
    const against = state.against ? this.against : null;
    paint(element("heat"), this.slice.dims, this.map, against, scale, this.settings.ramps);
    const signed = this.slice.signed && (against !== null || this.map.some((value) => value < 0));
    this.legend.show(scale, this.slice.largest, signed, state.scale === null);
    element("heat").style.opacity = state.opacity / 100;
    element("scale").value = Number(scale.toPrecision(3));
    element("common-scale").disabled = state.scale === null;
  }

  /** Reads the images of a slice and forgets those of the one before. */
  load(slice) {
    this.slice = slice;
    let error = slice.error;
    const images = error === undefined ? parse(slice.images) : null;
    if (error === undefined && images === null) error = "The file ends before the images of this slice.";
    this.windows = images?.windows ?? [];

    element("name").textContent = slice.id;
    element("source").textContent = slice.source;
    element("failure").textContent = error ?? "";
    element("failure").hidden = error === undefined;
    element("images").hidden = images === null;
    element("details").replaceChildren(...detailsOf(slice));
    element("note").textContent = slice.note ?? "";
    element("note").hidden = !slice.note;
    element("grey").removeAttribute("src");
    element("boxes").replaceChildren();
    this.map = null;
    this.against = null;
    this.regions.load(slice);
    if (images === null) return;

    [this.map, this.against] = [images.map, images.against].map((map) => this.valuesOf(map));
    element("windows").querySelector("span").replaceChildren(...this.radios());
    element("boxes").replaceChildren(...slice.boxes.filter(isDrawable).map((box) => shapeOf(box, slice.dims)));
    element("show-boxes").disabled = slice.boxes.length === 0;
    this.fit();
  }

  valuesOf(map) {
    if (map === null) return null;
    const [rows, cols] = this.slice.dims;
    const values = decode(map, rows * cols, this.settings.n_levels);
    if (values === null) fail(`the map of ${this.slice.id} is broken`);
    return values;
  }

  radios() {
    return this.windows.map(([name]) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "radio";
      input.name = "window";
      input.value = name;
      input.addEventListener("change", () => this.onWindow(name));
      label.append(input, name);
      return label;
    });
  }

  /** Enlarges by a whole number of screen pixels, so that each pixel is a square; reduces smoothly. */
  fit() {
    if (!this.slice?.dims) return;
    const [rows, cols] = this.slice.dims;
    const wide = (element("images").clientWidth * devicePixelRatio) / cols;
    const high = (Math.max(innerHeight - 160, 240) * devicePixelRatio) / rows;
    const scale = Math.max(Math.floor(Math.min(wide, high)), Math.min(wide, 1));
    const stage = element("stage");
    stage.style.width = `${(cols * scale) / devicePixelRatio}px`;
    stage.style.height = `${(rows * scale) / devicePixelRatio}px`;
    stage.classList.toggle("crisp", scale >= 1);
  }
}

function detailsOf(slice) {
  const facts = [];
  if (slice.error === undefined) {
    facts.push(["Probability", slice.probability_text]);
    facts.push(["Prediction", slice.prediction]);
    facts.push(["Boxes", slice.boxes.length]);
  }
  return [...facts, ...slice.facts].map(([name, value]) => {
    const group = document.createElement("div");
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    group.append(term, text);
    return group;
  });
}

/** Numbers that JSON cannot hold arrive as null. */
function isDrawable(box) {
  return [box.column, box.row, box.width, box.height].every(Number.isFinite);
}

/** A rectangle with its label. A whole coordinate is the middle of a pixel. */
function shapeOf(box, [rows, cols]) {
  const group = element("box").content.querySelector("g").cloneNode(true);
  const [under, over, text] = group.children;
  const percent = (position, side) => `${Math.min(Math.max((100 * position) / side, -1000), 1000)}%`;
  const left = Math.min(box.column, box.column + box.width) + 0.5;
  const top = Math.min(box.row, box.row + box.height) + 0.5;
  for (const rect of [under, over]) {
    rect.setAttribute("x", percent(left, cols));
    rect.setAttribute("y", percent(top, rows));
    rect.setAttribute("width", percent(Math.abs(box.width), cols));
    rect.setAttribute("height", percent(Math.abs(box.height), rows));
  }
  // The label stands above its box, and below the upper edge where there is no room.
  const onRight = left + box.width / 2 > 0.6 * cols;
  text.setAttribute("x", percent(onRight ? left + Math.abs(box.width) : left, cols));
  text.setAttribute("y", percent(top, rows));
  text.setAttribute("dx", onRight ? "-2" : "2");
  text.setAttribute("dy", top < 0.06 * rows ? "1.2em" : "-0.35em");
  text.setAttribute("text-anchor", onRight ? "end" : "start");
  text.textContent = box.label;
  return group;
}

