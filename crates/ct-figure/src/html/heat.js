/** The values of a map of `n` pixels from its runs; null where they do not fill it. */
function decode({ largest, runs }, n, levels) {
  const values = new Float32Array(n);
  let at = 0;
  for (let run = 0; run < runs.length; run += 2) {
    const end = at + runs[run];
    values.fill((runs[run + 1] * largest) / levels, at, end);
    at = end;
  }
  return at === n ? values : null;
}

/** Red, green, blue and opacity of a part of the scale, from -1 to 1. */
function colorOf(part, ramps) {
  const { start, end } = part > 0 ? ramps.positive : ramps.negative;
  const size = Math.min(Math.abs(part), 1);
  return start.map((channel, at) => channel + size * (end[at] - channel));
}

/** Draws the larger magnitude of both maps at each pixel; `against` is null where it is not shown. */
function paint(canvas, [rows, cols], map, against, scale, ramps) {
  canvas.width = cols;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  for (let at = 0; at < map.length; at += 1) {
    const other = against === null ? 0 : against[at];
    const value = Math.abs(other) > Math.abs(map[at]) ? other : map[at];
    if (value === 0) continue;
    const [red, green, blue, opacity] = colorOf(value / scale, ramps);
    image.data.set([red, green, blue, 255 * opacity].map(Math.round), 4 * at);
  }
  context.putImageData(image, 0, 0);
}

/** The scale of all slices: fixed, or the largest magnitude drawn of any of them, 1 if there is none. */
function commonScale(slices, settings) {
  if (settings.fixed !== null) return settings.fixed;
  const largest = slices.reduce((most, slice) => Math.max(most, slice.largest ?? 0), settings.at_least);
  return largest > 0 ? largest : 1;
}

