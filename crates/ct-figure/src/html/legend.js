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

  show(scale, signed, isCommon) {
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
        tick.textContent = short(part * scale);
        return tick;
      }),
    );
    element("ends").hidden = !signed;
    element("rule").textContent = isCommon ? `Scale of all slices: ${rule}` : "Scale set by hand";
  }
}

