/** Bars for a page: for each curve what a verification costs as something grows. An SVG that needs nothing else. */

const PANEL = { width: 290, height: 150, gap: 40 };
const LEFT = 70;
const TOP = 50;
const BARS = { share: '#19a979', time: '#13a4b4' };

/**
 * @param curves `{ name, points: [{ label, ratio, p50 }] }`: beside the bare server at 32 connections, and the median
 * of one at a time in milliseconds.
 */
export function growthChart(curves, title) {
  const points = curves.flatMap((curve) => curve.points);
  const rows = [
    ['of bare, 32 connections', ({ ratio }) => ratio, (value) => value.toFixed(2), BARS.share],
    ['p50 in ms, 1 connection', ({ p50 }) => p50, (value) => value.toFixed(2), BARS.time],
  ];
  const width = LEFT + curves.length * (PANEL.width + PANEL.gap);
  const height = TOP + rows.length * (PANEL.height + 60);
  const parts = rows.flatMap(([what, of, written, color], row) => {
    const most = Math.max(...points.map(of));
    const y = TOP + row * (PANEL.height + 60);
    return [
      `<text x="${LEFT - 10}" y="${y - 8}">${what}</text>`,
      ...curves.flatMap((curve, column) => {
        const x = LEFT + column * (PANEL.width + PANEL.gap);
        return [...bars(curve.points, { x, y, most, of, written, color }), axis(x, y, curve.name)];
      }),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT - 10}" y="20" font-size="14">${title}</text>
${parts.join('\n')}
</svg>
`;
}

function bars(points, { x, y, most, of, written, color }) {
  const step = PANEL.width / points.length;
  return points.map((point, at) => {
    const tall = (of(point) / most) * (PANEL.height - 20);
    const [left, middle] = [x + at * step + step * 0.15, x + (at + 0.5) * step];
    const base = y + PANEL.height;
    return [
      `<rect x="${left.toFixed(1)}" y="${(base - tall).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${tall.toFixed(1)}" fill="${color}"/>`,
      `<text x="${middle.toFixed(1)}" y="${(base - tall - 4).toFixed(1)}" text-anchor="middle">${written(of(point))}</text>`,
      `<text x="${middle.toFixed(1)}" y="${base + 15}" text-anchor="middle">${point.label}</text>`,
    ].join('');
  });
}

const axis = (x, y, name) =>
  `<path d="M${x} ${y + PANEL.height}h${PANEL.width}" stroke="#888"/>` +
  `<text x="${x + PANEL.width / 2}" y="${y + PANEL.height + 32}" text-anchor="middle" font-weight="bold">${name}</text>`;
