/** Three significant digits with a true minus. */
function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "\u2212");
}

/** Name, colour bar over air, brain and bone, and numbers; both sides only where both can be drawn. */
class Legend {
  constructor(settings) {
    this.settings = settings;
    element("legend-name").textContent = settings.legend;
  }

  /** `largest` is what is drawn of this slice: beyond the scale the colours stay the same. */
  show(scale, largest, signed, isCommon) {
    const { ramps, rule } = this.settings;
    const css = ([red, green, blue, opacity]) => `rgb(${red} ${green} ${blue} / ${opacity})`;
    const half = ({ start, end }, from, to) => [`${css(start)} ${from}%`, `${css(end)} ${to}%`];
    const { start, end } = ramps.negative;
    const stops = signed
      ? [...half({ start: end, end: start }, 0, 50), ...half(ramps.positive, 50, 100)]
      : half(ramps.positive, 0, 100);
    for (const strip of element("bar").children) {
      strip.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
    }
    const parts = signed ? [-1, -0.5, 0, 0.5, 1] : [0, 0.5, 1];
    element("ticks").replaceChildren(
      ...parts.map((part) => {
        const tick = document.createElement("span");
        const isExceeded = Math.abs(part) === 1 && largest > scale;
        const sign = part > 0 ? "\u2265" : "\u2264";
        tick.textContent = (isExceeded ? sign : "") + short(part * scale);
        return tick;
      }),
    );
    element("ends").hidden = !signed;
    element("rule").textContent = isCommon ? `Scale of all slices: ${rule}` : "Scale set by hand";
  }
}

