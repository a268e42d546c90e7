/** A flame graph of a profile's tree as an SVG that needs nothing else: widths are time, callers stand below. */

const WIDTH = 1600;
const ROW = 17;
const LETTER = 6.6;
/** Thinner than half a pixel, nothing is seen of it. */
const LEAST = 0.5 / WIDTH;

const COLORS = '#e8743b #19a979 #945ecf #13a4b4 #ed4a7b #6c8893 #bf399e #ee6868 #a5a53a'.split(' ');
const GREY = '#d0d0d0';

/** @param parts in the order of the legend. */
export function flameGraph(root, parts, title) {
  // What it waited for nobody needs to see: widths are of the time in which it did something.
  const busy = root.children.filter(({ name }) => name !== '(idle)').map(merged);
  const total = busy.reduce((sum, frame) => sum + frame.total, 0);
  const color = (part) => COLORS[parts.indexOf(part)] ?? GREY;
  const depth = Math.max(...busy.map((frame) => depthOf(frame, total)));
  const height = (depth + 4) * ROW;
  const frames = [];
  const draw = (frame, x, level) => {
    if (frame.total / total < LEAST) return;
    const width = (frame.total / total) * WIDTH;
    const y = height - (level + 1) * ROW;
    const share = ((frame.total / total) * 100).toFixed(2);
    const label = frame.name.slice(0, Math.max(Math.floor(width / LETTER) - 1, 0));
    frames.push(
      `<g><title>${escaped(`${frame.name} ${placeOf(frame)}\n${share} %, ${frame.part}`)}</title>` +
        `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width - 0.3, 0.2).toFixed(1)}" height="${ROW - 1}" fill="${color(frame.part)}"/>` +
        (label.length > 2
          ? `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(label)}</text></g>`
          : '</g>'),
    );
    let at = x;
    for (const child of frame.children) {
      draw(child, at, level + 1);
      at += (child.total / total) * WIDTH;
    }
  };
  let x = 0;
  for (const frame of busy) {
    draw(frame, x, 0);
    x += (frame.total / total) * WIDTH;
  }
  const legend = parts.map(
    (part, at) =>
      `<rect x="${4 + at * 176}" y="24" width="11" height="11" fill="${color(part)}"/><text x="${19 + at * 176}" y="34">${escaped(part)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="4" y="15" font-size="13">${escaped(title)}</text>
${legend.join('\n')}
${frames.join('\n')}
</svg>
`;
}

/** One frame for all calls of a function from the same place. */
function merged(frame) {
  const children = new Map();
  for (const child of frame.children) {
    const key = `${child.name} ${child.url} ${child.line} ${child.part}`;
    const known = children.get(key);
    if (known === undefined) children.set(key, { ...child, children: [...child.children] });
    else {
      known.total += child.total;
      known.children.push(...child.children);
    }
  }
  const sorted = [...children.values()].sort((one, other) => other.total - one.total);
  return { ...frame, children: sorted.map(merged) };
}

function depthOf({ total, children }, all) {
  return total / all < LEAST ? 0 : 1 + Math.max(0, ...children.map((child) => depthOf(child, all)));
}

const placeOf = ({ url, line }) =>
  url === '' ? '' : `${url.replace(/^.*\/(?=node_modules\/|dist\/)/, '')}:${line}`;

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
