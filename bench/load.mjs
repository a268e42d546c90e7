import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/**
 * The load generator: `wrk` where it is installed, for it takes the least from the processors it shares with what
 * is measured; else `autocannon`, which comes with the development dependencies.
 *
 * Its `run` keeps that many connections busy with POSTs of bodies chosen at random.
 */
export function loadGenerator(lifetime, folder) {
  const hasWrk = (process.env.PATH ?? '').split(delimiter).some((place) => existsSync(join(place, 'wrk')));
  const run = hasWrk ? wrk : autocannon;
  return {
    name: run.name,
    run: async (target) => {
      const result = await run(lifetime, folder, target);
      if (result.failed > 0) {
        throw new Error(`${result.failed} requests to ${target.url} failed, ${result.answers} were answered`);
      }
      return result;
    },
  };
}

async function wrk(lifetime, folder, { url, key, bodies, connections, seconds }) {
  const script = join(folder, 'load.lua');
  await writeFile(script, luaScript(key, bodies));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url];
  const { code, output } = await lifetime.process('wrk', args, { endsByItself: true }).ended;
  const result = /^RESULT (.*)$/m.exec(output);
  if (code !== 0 || result === null) throw new Error(`wrk failed (${code}):\n${output}`);
  const [answers, failed, us, p50, p99] = result[1].split(' ').map(Number);
  return { answers, failed, perSecond: answers / (us / 1e6), p50: p50 / 1000, p99: p99 / 1000 };
}

/** Requests are put together before the first is sent. Bodies are JSON, in which `]==]` cannot occur unescaped. */
function luaScript(key, bodies) {
  return `
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer ${key}"
local bodies = {
${bodies.map((body) => `[==[${body}]==],`).join('\n')}
}
local requests = {}
function init()
  math.randomseed(os.time())
  for i, body in ipairs(bodies) do requests[i] = wrk.format(nil, nil, nil, body) end
end
function request()
  return requests[math.random(#requests)]
end
function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("RESULT %d %d %d %d %d", summary.requests, failed, summary.duration,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

async function autocannon(lifetime, _folder, { url, key, bodies, connections, seconds }) {
  const { default: start } = await import('autocannon');
  const instance = start({
    url,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        setupRequest: (request) => ({
          ...request,
          body: bodies[Math.floor(Math.random() * bodies.length)],
        }),
      },
    ],
  });
  const forget = lifetime.closeLater(async () => instance.stop());
  const result = await instance;
  await forget();
  return {
    answers: result['2xx'] + result.non2xx,
    failed: result.non2xx + result.errors + result.timeouts,
    perSecond: (result['2xx'] + result.non2xx) / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}
