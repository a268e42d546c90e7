import { readFile, writeFile } from 'node:fs/promises';

const README = new URL('README.md', import.meta.url);

/** The whole result for people. */
export function asText(result) {
  const { machine, verify, sequencer, flood, refusals, instances, issue, targets } = result;
  const { audit, exported, start, memory, overload } = result;
  const { postgres } = machine;
  const [{ direct, ofDirect }] = verify;
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
    `(1 connection: one look-up and one insert ${rate(direct.perSecond)}/s, p50 ${ms(direct.p50)}; of that ${ofDirect.toFixed(2)})`,
    '',
    ...table(
      ['verify, 2 × 64 connections', 'verify/s', 'p50', 'p99', 'slowest–fastest', 'of one'],
      [
        ['one instance', ...cellsOf(instances.one), ''],
        ['two on one database', ...cellsOf(instances.two), instances.ratio.toFixed(2)],
      ],
    ),
    '',
    ...table(
      ['128 connections, 40,000 addresses', 'answers/s', 'p50', 'p99', 'slowest–fastest', 'of verify'],
      [
        ['verify', ...cellsOf(refusals.verify), ''],
        ['refusals (401)', ...cellsOf(refusals.refuse), refusals.ratio.toFixed(2)],
      ],
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
    overloadAsText(overload),
    `audit log   first page p50 ${ms(audit.p50)}, p95 ${ms(audit.p95)}, of ${thousands(audit.events)} events; its statements by themselves ${ms(audit.directP50)}: ${audit.ratio.toFixed(2)}`,
    `export      ${thousands(exported.events)} events in ${exported.seconds.toFixed(0)} s; ${exported.peakMB.toFixed(0)} MB at most, ${exported.idleMB.toFixed(0)} MB before it`,
    `start       cold ${(start.coldMs / 1000).toFixed(2)} s to the first answer, warm ${(start.warmMs / 1000).toFixed(2)} s to /readyz`,
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

/** One paragraph: what it offered, what was accepted, what was refused, and how soon it was as before. */
export function overloadAsText(overload) {
  const { capacity, offered, sentPerSecond, acceptedPerSecond, ofCapacity, shed, failed } = overload;
  const back = Number.isFinite(overload.backAfterS)
    ? `after ${overload.backAfterS.toFixed(1)} s`
    : 'not seen';
  return [
    `overload    ${rate(offered)}/s offered (5 × ${rate(capacity)}), ${rate(sentPerSecond)}/s sent: ${rate(acceptedPerSecond)}/s accepted (${ofCapacity.toFixed(2)} of what it can), p99 ${ms(overload.p99)};`,
    `            ${(shed * 100).toFixed(0)} % of the answers told when to come back, ${thousands(failed)} failed; p99 before ${ms(overload.p99Before)}, as before again ${back}`,
  ].join('\n');
}

/** Puts a text into the README, between the markers of this name. */
export async function writeFigures(text, name = 'figures') {
  const readme = await readFile(README, 'utf8');
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
  if (!marked.test(readme)) throw new Error(`bench/README.md has lost its markers of ${name}`);
  const trimmed = text.replace(/ +$/gm, '');
  await writeFile(
    README,
    readme.replace(marked, (_, open, close) => `${open}\n\`\`\`text\n${trimmed}\n\`\`\`\n\n${close}`),
  );
}

const cellsOf = (cell) => [rate(cell.perSecond), ms(cell.p50), ms(cell.p99), range(cell)];

export function table(head, rows) {
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
