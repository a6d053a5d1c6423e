// The shop's colour, made readable: black or white on it, and a shade of it that stands out on light and on dark.

const STEPS = 20;

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// Relative luminance and contrast as WCAG 2.2 defines them.
function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function readable(rgb, background, towards) {
  for (let step = 0; step <= STEPS; step++) {
    const shade = rgb.map((value) => Math.round(value + ((towards - value) * step) / STEPS));
    if (contrast(shade, background) >= 4.6) return `rgb(${shade})`;
  }
  return `rgb(${[towards, towards, towards]})`;
}

export function paint(color) {
  if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) return;
  const rgb = channels(color);
  const white = [255, 255, 255];
  const style = document.documentElement.style;
  style.setProperty("--brand", color);
  style.setProperty("--on-brand", contrast(rgb, white) >= 4.5 ? "#fff" : "#111");
  style.setProperty("--accent-on-light", readable(rgb, [244, 247, 245], 0));
  style.setProperty("--accent-on-dark", readable(rgb, [29, 38, 35], 255));
}
