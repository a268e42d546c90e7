import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/**
 * The load generator: `wrk` where it is installed, for it takes the least from the processors it shares with what
 * is measured; else `autocannon`, which comes with the development dependencies.
 *
 * Its `run` keeps that many connections busy with POSTs of bodies chosen at random, each with the key in its place if
 * there are as many. With `bad` keys, all of them are to be refused; else all are to be answered well. With
 * `addresses`, they seem to come from so many, as if through a proxy.
 */
export function loadGenerator(lifetime, folder) {
  const hasWrk = (process.env.PATH ?? '').split(delimiter).some((place) => existsSync(join(place, 'wrk')));
  const run = hasWrk ? wrk : autocannon;
  return {
    name: run.name,
    run: async (target) => {
      const { keys = [target.key], bad = false } = target;
      const { refused, broken, ...result } = await run(lifetime, folder, { ...target, keys });
      const failed = broken + (bad ? result.answers - refused : refused);
      if (failed > 0) {
        throw new Error(`${failed} requests to ${target.url} failed, ${result.answers} were answered`);
      }
      return result;
    },
  };
}

async function wrk(lifetime, folder, { url, keys, bodies, addresses = 0, connections, seconds }) {
  const script = join(folder, `load-${(scripts += 1)}.lua`);
  await writeFile(script, luaScript(keys, bodies, addresses));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url];
  const { code, output } = await lifetime.process('wrk', args, { endsByItself: true }).ended;
  const result = /^RESULT (.*)$/m.exec(output);
  if (code !== 0 || result === null) throw new Error(`wrk failed (${code}):\n${output}`);
  const [answers, refused, broken, us, p50, p99] = result[1].split(' ').map(Number);
  return { answers, refused, broken, perSecond: answers / (us / 1e6), p50: p50 / 1000, p99: p99 / 1000 };
}

/** Loads may run at the same time. */
let scripts = 0;

/** Requests are put together before the first is sent. Bodies are JSON, in which `]==]` cannot occur unescaped. */
function luaScript(keys, bodies, addresses) {
  return `
wrk.method = "POST"
local keys = { ${keys.map((key) => `"${key}"`).join(', ')} }
local bodies = {
${bodies.map((body) => `[==[${body}]==],`).join('\n')}
}
local requests = {}
function init()
  math.randomseed(os.time())
  for i = 1, math.max(#keys, #bodies, ${addresses}) do
    local headers = {
      ["Content-Type"] = "application/json",
      ["Authorization"] = "Bearer " .. keys[(i - 1) % #keys + 1],
    }
    if i <= ${addresses} then
      local n = i - 1
      headers["X-Forwarded-For"] =
        string.format("10.%d.%d.%d", math.floor(n / 65536), math.floor(n / 256) % 256, n % 256)
    end
    requests[i] = wrk.format(nil, nil, headers, bodies[(i - 1) % #bodies + 1])
  end
end
function request()
  return requests[math.random(#requests)]
end
function done(summary, latency)
  local e = summary.errors
  local broken = e.connect + e.read + e.write + e.timeout
  print(string.format("RESULT %d %d %d %d %d %d", summary.requests, e.status, broken, summary.duration,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

async function autocannon(lifetime, _folder, { url, keys, bodies, addresses = 0, connections, seconds }) {
  const { default: start } = await import('autocannon');
  const kinds = Math.max(keys.length, bodies.length, addresses);
  const instance = start({
    url,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const at = Math.floor(Math.random() * kinds);
          return {
            ...request,
            headers: {
              'content-type': 'application/json',
              authorization: `Bearer ${keys[at % keys.length]}`,
              ...(at < addresses && { 'x-forwarded-for': address(at) }),
            },
            body: bodies[at % bodies.length],
          };
        },
      },
    ],
  });
  const forget = lifetime.closeLater(async () => instance.stop());
  const result = await instance;
  await forget();
  return {
    answers: result['2xx'] + result.non2xx,
    refused: result.non2xx,
    broken: result.errors + result.timeouts,
    perSecond: (result['2xx'] + result.non2xx) / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

/** Of a network that nobody else here is in. */
const address = (number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
