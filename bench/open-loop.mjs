/**
 * Requests at a constant rate, whether those before were answered or not, as callers send them who know nothing of each
 * other. A child of the bench, over plain sockets, so that it takes little of what it measures. A request that finds
 * all connections waiting is not sent, and counted.
 */
import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { percentile } from './statistics.mjs';

const WINDOW_MS = 500;
const RECONNECT_MS = 20;
/** For all to be connected, and for the last answers. */
const PATIENCE_MS = 5_000;

process.once('message', (task) => void run(task));
process.once('disconnect', () => process.exit());

async function run({ url, key, bodies, connections, phases }) {
  const { hostname, port } = new URL(url);
  const requests = bodies.map((body) => requestOf(url, key, body));
  const idle = [];
  let isOver = false;

  const open = () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const line = { socket, from: 0, window: null, text: '' };
    socket.on('connect', () => idle.push(line));
    socket.on('data', (chunk) => receive(line, chunk, idle));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (line.window !== null) line.window.failed += 1;
      const at = idle.indexOf(line);
      if (at !== -1) idle.splice(at, 1);
      if (!isOver) setTimeout(open, RECONNECT_MS);
    });
  };
  for (let i = 0; i < connections; i++) open();
  await within(PATIENCE_MS, () => idle.length === connections);

  const results = [];
  for (const { rate, seconds } of phases) {
    const windows = Array.from({ length: Math.ceil((seconds * 1000) / WINDOW_MS) }, emptyWindow);
    const start = performance.now();
    let sent = 0;
    for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - start) {
      const window = windows[Math.floor(elapsed / WINDOW_MS)];
      for (const due = Math.floor((elapsed / 1000) * rate); sent < due; sent++) {
        const line = idle.pop();
        if (line === undefined) {
          window.unsent += 1;
          continue;
        }
        window.sent += 1;
        line.window = window;
        line.from = performance.now();
        line.socket.write(requests[Math.floor(Math.random() * requests.length)]);
      }
      await turn();
    }
    results.push(windows);
  }
  await within(PATIENCE_MS, () => idle.length === connections);
  isOver = true;
  process.send(results.map((windows, at) => ({ ...phases[at], ...inAll(windows) })));
}

/** Answers are small: as a rule one comes in one piece. */
function receive(line, chunk, idle) {
  const text = line.text + chunk.latin1Slice();
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end).toLowerCase();
  if (end === -1 || !isWhole(text, head)) {
    line.text = text;
    return;
  }
  const { window } = line;
  line.text = '';
  line.window = null;
  const status = Number(text.slice(9, 12));
  if (status === 200) {
    window.accepted += 1;
    window.times.push(performance.now() - line.from);
  } else if ((status === 503 || status === 429) && head.includes('\r\nretry-after: ')) window.shed += 1;
  else window.failed += 1;
  // One that the server is about to close takes no more.
  if (!head.includes('\r\nconnection: close')) idle.push(line);
}

function isWhole(text, head) {
  if (head.includes('\r\ntransfer-encoding: chunked')) return text.endsWith('\r\n0\r\n\r\n');
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
  return text.length >= head.length + 4 + length;
}

function requestOf(url, key, body) {
  const { host, pathname } = new URL(url);
  return Buffer.from(
    `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** `failed`: broken, or answered in a way that does not tell the caller when to come back. */
function emptyWindow() {
  return { sent: 0, unsent: 0, accepted: 0, shed: 0, failed: 0, times: [] };
}

function inAll(windows) {
  const sum = (name) => windows.reduce((all, window) => all + window[name], 0);
  const [sent, unsent, accepted, shed, failed] = ['sent', 'unsent', 'accepted', 'shed', 'failed'].map(sum);
  const counts = { sent, unsent, accepted, shed, failed };
  return {
    ...counts,
    p99: percentile(
      windows.flatMap(({ times }) => times),
      99,
    ),
    windowMs: WINDOW_MS,
    windows: windows.map(({ times, ...window }) => ({ ...window, p99: percentile(times, 99) ?? null })),
  };
}

async function within(milliseconds, isDone) {
  const until = performance.now() + milliseconds;
  while (!isDone() && performance.now() < until) await turn();
}

/** Rather some requests at once a thousand times a second than a processor kept busy with looking at the clock. */
const turn = () => new Promise((done) => setTimeout(done, 1));
