/**
 * `node bench/growth.mjs`: whether a verification costs more as tokens, events and workspaces become many. See README.md.
 *
 *   --small       some minutes instead of more than an hour, for trying
 *   --medium      a quarter of an hour: up to a million of each
 *   --json FILE   writes the result as JSON too
 *   --write       puts the figures into bench/README.md, and the chart beside it
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { program } from './program.mjs';

const { values: options } = parseArgs({
  options: {
    small: { type: 'boolean' },
    medium: { type: 'boolean' },
    json: { type: 'string' },
    write: { type: 'boolean' },
  },
});
const CHART = new URL('growth.svg', import.meta.url);
/** A verification with the most of them may be so much slower: no more than the machine's own unrest. */
const AS_FAST = 0.9;
const BYTES_AN_EVENT_OF_TOKENS = 0.6;

const SMALL = {
  sizes: { tokens: [1e3, 1e4, 1e5], events: [0, 1e5], workspaces: [1, 1e3] },
  extent: { rounds: 2, seconds: 2 },
};
const MEDIUM = {
  sizes: { tokens: [1e3, 1e5, 1e6], events: [0, 1e6], workspaces: [1, 1e4] },
  extent: { rounds: 5, seconds: 3 },
};
const FULL = {
  sizes: { tokens: [1e3, 1e5, 5e6], events: [0, 1e6, 2e7], workspaces: [1, 1e4] },
  extent: { rounds: 5, seconds: 8 },
};
const { sizes, extent } = options.small ? SMALL : options.medium ? MEDIUM : FULL;

await program(async (lifetime, say) => {
  const { growthChart } = await import('./chart.mjs');
  const { requireRoom } = await import('./fill-log.mjs');
  const { loadGenerator } = await import('./load.mjs');
  const { growEvents, growTokens, growWorkspaces } = await import('./measure-growth.mjs');
  const { writeFigures } = await import('./report.mjs');
  // One curve after the other, each on a folder that is removed.
  await requireRoom(tmpdir(), Math.max(sizes.events.at(-1), sizes.tokens.at(-1) * BYTES_AN_EVENT_OF_TOKENS));
  const loadOf = (folder) => loadGenerator(lifetime, folder);
  const curves = [
    await growTokens(lifetime, loadOf, sizes.tokens, extent, say),
    await growEvents(lifetime, loadOf, sizes.events, extent, say),
    await growWorkspaces(lifetime, loadOf, sizes.workspaces, extent, say),
  ];
  const text = await asText(curves);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(curves, null, 2)}\n`);
  if (options.write === true) {
    await writeFigures(text, 'growth');
    await writeFile(CHART, growthChart(curves, text.split('\n')[0]));
  }
  return text;
});

async function asText(curves) {
  const { table } = await import('./report.mjs');
  const head = ['', '', 'bare/s', 'Tooken/s', 'of bare', 'p50, 1 connection'];
  const rows = curves.flatMap(({ name, points }) =>
    points.map(({ label, bare, perSecond, ratio, p50 }) => [
      name,
      label,
      ...[bare, perSecond].map((rate) => Math.round(rate).toLocaleString('en-US')),
      ratio.toFixed(2),
      `${p50.toFixed(2)} ms`,
    ]),
  );
  return [
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} processors; verify at 32 connections and at 1, medians of ${extent.rounds} rounds of ${extent.seconds} s`,
    '',
    ...table(head, rows),
    '',
    ...curves.map(({ name, points }) => judged(name, points)),
  ].join('\n');
}

function judged(name, points) {
  const [first, last] = [points[0], points.at(-1)];
  const kept = last.ratio / first.ratio;
  return `${kept >= AS_FAST ? 'met    ' : 'MISSED '} ${name}: ${last.label} are as fast as ${first.label}, of bare: ${kept.toFixed(2)} (target ${AS_FAST})`;
}
