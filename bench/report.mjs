import { readFile, writeFile } from 'node:fs/promises';

const README = new URL('README.md', import.meta.url);
const FIGURES = /(<!-- figures -->\n)[^]*(<!-- \/figures -->)/;

/** What we want to reach; `value` and `limit` are compared as the words say. */
export function judgeTargets({ verify, sequencer, flood, exported, memory }) {
  const busiest = verify.find(({ connections }) => connections === 128);
  return [
    {
      what: 'verify at 128 connections, of the ceiling',
      value: busiest.ratio,
      limit: 0.3,
      met: busiest.ratio >= 0.3,
    },
    {
      what: 'verify at 128 connections, p99 in ms',
      value: busiest.product.p99,
      limit: 50,
      met: busiest.product.p99 < 50,
    },
    {
      what: 'verify beside a flood, p99 of what it is without',
      value: flood.p99Ratio,
      limit: 2,
      met: flood.p99Ratio < 2,
    },
    {
      what: 'verify with the sequencer, of without it',
      value: sequencer.ratio,
      limit: 0.9,
      met: sequencer.ratio >= 0.9,
    },
    {
      what: 'from an answer to its event’s place in the log, p99 in ms',
      value: sequencer.lag.p99,
      limit: 1_000,
      met: sequencer.lag.p99 < 1_000,
    },
    {
      what: 'memory for an export, beside what the idle process holds, in MB',
      value: exported.peakMB - exported.idleMB,
      limit: 150,
      met: exported.peakMB - exported.idleMB < 150,
    },
    {
      what: 'memory under load in MB',
      value: memory.peakMB,
      limit: 250,
      met: memory.peakMB < 250,
    },
  ];
}

/** The whole result for people. */
export function asText(result) {
  const { machine, verify, sequencer, flood, issue, audit, exported, start, memory, targets } = result;
  const { postgres } = machine;
  const lines = [
    `${result.date.slice(0, 10)}, Tooken ${result.version}, ${machine.processors} processors, Node ${machine.node}, PostgreSQL ${postgres.version}`,
    `(fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronous_commit}); load by ${result.load}; medians of ${result.rounds} rounds of ${result.seconds} s`,
    '',
    ...table(
      ['verify', 'bare/s', 'p50', 'p99', 'Tooken/s', 'p50', 'p99', 'slowest–fastest', 'of bare'],
      verify.map(({ connections, ceiling, product, ratio }) => [
        plural(connections),
        ...[rate(ceiling.perSecond), ms(ceiling.p50), ms(ceiling.p99)],
        ...[rate(product.perSecond), ms(product.p50), ms(product.p99), range(product), ratio.toFixed(2)],
      ]),
    ),
    '',
    `sequencer   verify at 32 connections ${rate(sequencer.with)}/s with it, ${rate(sequencer.without)}/s without: ${sequencer.ratio.toFixed(2)};`,
    `            an event’s place ${ms(sequencer.lag.p50)} after its answer, p99 ${ms(sequencer.lag.p99)} (${thousands(sequencer.lag.probes)} probes)`,
    '',
    ...table(
      ['flood, 32 connections', 'verify/s', 'p50', 'p99', 'refused/s', 'p99, of without'],
      [
        ['without', rate(flood.calm.perSecond), ms(flood.calm.p50), ms(flood.calm.p99), '', ''],
        [
          ...['beside one', rate(flood.flooded.perSecond), ms(flood.flooded.p50), ms(flood.flooded.p99)],
          ...[rate(flood.refusedPerSecond), flood.p99Ratio.toFixed(2)],
        ],
      ],
    ),
    `(${thousands(flood.refused)} refusals, ${thousands(flood.rows)} rows until their minutes ended)`,
    '',
    ...table(
      ['issue', 'inserts/s', 'Tooken/s', 'p50', 'p99', 'slowest–fastest', 'of inserts'],
      issue.map(({ connections, direct, product, ratio }) => [
        plural(connections),
        ...[rate(direct.perSecond), rate(product.perSecond), ms(product.p50), ms(product.p99)],
        ...[range(product), ratio.toFixed(2)],
      ]),
    ),
    '',
    `audit log   first page p50 ${ms(audit.p50)}, p95 ${ms(audit.p95)}, of ${thousands(audit.events)} events`,
    `export      ${thousands(exported.events)} events in ${exported.seconds.toFixed(0)} s; ${exported.peakMB.toFixed(0)} MB at most, ${exported.idleMB.toFixed(0)} MB before it`,
    `start       cold ${(start.coldMs / 1000).toFixed(2)} s, warm ${(start.warmMs / 1000).toFixed(2)} s, to the first answer`,
    `memory      ${memory.idleMB.toFixed(0)} MB idle, ${memory.peakMB.toFixed(0)} MB at most under load (without PostgreSQL)`,
    `recorded    ${thousands(result.recorded)} events of ${thousands(result.answered)} verifications answered`,
    '',
    ...targets.map(
      ({ what, value, limit, met }) =>
        `${met ? 'met    ' : 'MISSED '} ${what}: ${value.toFixed(2)} (target ${limit})`,
    ),
  ];
  return lines.join('\n');
}

/** Puts the figures into the README, between its markers. */
export async function writeFigures(text) {
  const readme = await readFile(README, 'utf8');
  if (!FIGURES.test(readme)) throw new Error('bench/README.md has lost its markers');
  await writeFile(
    README,
    readme.replace(FIGURES, (_, open, close) => `${open}\n\`\`\`text\n${text}\n\`\`\`\n\n${close}`),
  );
}

function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  '),
  );
}

const rate = (perSecond) => thousands(Math.round(perSecond));
const range = ({ slowest, fastest }) => `${rate(slowest)}–${rate(fastest)}`;
const thousands = (number) => number.toLocaleString('en-US');
const ms = (milliseconds) => `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`;
const plural = (connections) => `${connections} connection${connections === 1 ? '' : 's'}`;
