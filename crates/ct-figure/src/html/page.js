/** Shows an error of the page itself; it also stands in `data-error`. */
function fail(message) {
  document.documentElement.dataset.error = message;
  say(`This page has failed: ${message}`);
}

function say(message) {
  const status = element("status");
  if (!status) return;
  status.textContent += status.textContent === "" ? message : `\n${message}`;
  status.hidden = false;
}

addEventListener("error", (event) => fail(event.message));
addEventListener("unhandledrejection", (event) => fail(String(event.reason)));
document.addEventListener("securitypolicyviolation", (event) =>
  fail(`${event.effectiveDirective} forbids ${event.blockedURI}`),
);

function start() {
  const slices = readSlices();
  if (!isComplete()) say("This report is incomplete: it was not written to its end.");
  if (slices.length === 0) {
    say("This report has no slices.");
    return;
  }
  document.querySelector("main").hidden = false;

  let state = readState();
  const change = (values) => {
    Object.assign(state, values);
    render();
    writeState(state);
  };
  const table = new Table(
    slices,
    (key) => change({ sort: table.nextSort(key) }),
    (slice) => change({ slice: slice.key }),
  );
  const settings = parse(element("settings"));
  const common = commonScale(slices, settings);
  const viewer = new Viewer(settings, common, (name) => change({ window: name }));

  function render() {
    table.sort(state.sort);
    const named = slices.find((slice) => slice.key === state.slice);
    const slice = named ?? table.order[0];
    if (!named && state.slice !== null) say(`No slice ${state.slice} is in this report.`);
    state.slice = slice.key;
    table.select(slice);
    viewer.show(slice, state);
    const at = table.order.indexOf(slice);
    element("position").textContent = `${at + 1} of ${slices.length}`;
    element("previous").disabled = at === 0;
    element("next").disabled = at === slices.length - 1;
  }

  function step(by) {
    const at = table.order.findIndex((slice) => slice.key === state.slice);
    const slice = table.order[at + by];
    if (slice) change({ slice: slice.key });
  }

  element("previous").addEventListener("click", () => step(-1));
  element("next").addEventListener("click", () => step(1));
  element("opacity").addEventListener("input", (event) => {
    state.opacity = event.target.valueAsNumber;
    render();
  });
  // Browsers limit how often the address may change: not while the slider moves.
  element("opacity").addEventListener("change", () => writeState(state));
  element("scale").addEventListener("change", (event) => {
    const scale = event.target.valueAsNumber;
    change({ scale: isScale(scale) ? scale : null });
  });
  element("common-scale").addEventListener("click", () => change({ scale: null }));
  element("show-against").addEventListener("change", (event) => change({ against: event.target.checked }));
  element("show-boxes").addEventListener("change", (event) => change({ boxes: event.target.checked }));
  addEventListener("hashchange", () => {
    state = readState();
    render();
  });
  addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    // Sliders, numbers and radio buttons have a use of their own for these keys.
    const own = event.target.matches?.("input[type=range], input[type=number], input[type=radio]");
    if (by === undefined || modified || own) return;
    event.preventDefault();
    step(by);
  });
  render();
  document.documentElement.dataset.ready = slices.length;
}

addEventListener("DOMContentLoaded", start);
