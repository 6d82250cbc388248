/** The slices of the page. Their images stay text until one is shown. */
function readSlices() {
  const keys = new Set();
  const slices = [];
  for (const script of document.querySelectorAll("script.slice")) {
    const slice = parse(script);
    if (slice === null) continue;
    slice.facts ??= [];
    slice.images = script.nextElementSibling;
    // Links need a name of its own for each slice.
    slice.key = keys.has(slice.id) ? `${slice.id} (${slices.length + 1})` : slice.id;
    keys.add(slice.key);
    slices.push(slice);
  }
  return slices;
}

/** The JSON of a script element; null where the file was cut off. */
function parse(script) {
  try {
    return JSON.parse(script.textContent);
  } catch {
    return null;
  }
}

/** Whether the report was written to its end. */
function isComplete() {
  return document.querySelector("script.end") !== null;
}

const DEFAULTS = { slice: null, window: null, opacity: 100, scale: null, against: true, boxes: true, sort: "" };

/** What is shown, from the fragment of the address. */
function readState() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const opacity = parseFloat(fragment.get("opacity"));
  const scale = parseFloat(fragment.get("scale"));
  return {
    slice: fragment.get("slice"),
    window: fragment.get("window"),
    opacity: Number.isNaN(opacity) ? DEFAULTS.opacity : Math.min(Math.max(opacity, 0), 100),
    scale: isScale(scale) ? scale : DEFAULTS.scale,
    against: fragment.get("against") !== "0",
    boxes: fragment.get("boxes") !== "0",
    sort: fragment.get("sort") ?? DEFAULTS.sort,
  };
}

function isScale(value) {
  return Number.isFinite(value) && value > 0;
}

function writeState(state) {
  const fragment = new URLSearchParams();
  if (state.slice !== null) fragment.set("slice", state.slice);
  if (state.window !== null) fragment.set("window", state.window);
  fragment.set("opacity", state.opacity);
  if (state.scale !== null) fragment.set("scale", state.scale);
  fragment.set("against", state.against ? "1" : "0");
  fragment.set("boxes", state.boxes ? "1" : "0");
  if (state.sort !== "") fragment.set("sort", state.sort);
  history.replaceState(null, "", `#${fragment}`);
}

