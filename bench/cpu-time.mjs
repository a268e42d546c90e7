/**
 * Where the processors' time goes while something runs: ours, PostgreSQL's, the load's. Read from Linux's /proc, so that
 * nothing is slowed down by looking.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @param product its main thread answers; its others do what can wait.
 * @param backends gives `{ pid, name }` of each connection to PostgreSQL.
 * @param run what is watched; gives how many answers there were.
 * @returns `[whose, µs of one processor for each answer]`; null where there is no /proc.
 */
export async function cpuTimeOf(product, backends, run) {
  if (process.platform !== 'linux') return null;
  const before = snapshot(product.pid);
  const { answers } = await run();
  const after = snapshot(product.pid);
  const names = new Map((await backends()).map(({ pid, name }) => [pid, name]));

  const sums = new Map();
  for (const [id, { pid, tid, time }] of after.threads) {
    const spent = time - (before.threads.get(id)?.time ?? 0);
    const whose = whoseIs(pid, tid, product.pid, names);
    sums.set(whose, (sums.get(whose) ?? 0) + spent);
  }
  const known = [...sums.values()].reduce((sum, spent) => sum + spent, 0);
  const busy = after.busy - before.busy;
  return [
    ...[...sums].sort(([, one], [, other]) => other - one),
    ['the load, and the rest of the machine', busy - known],
    ['idle', after.idle - before.idle],
  ].map(([whose, spent]) => [whose, spent / answers]);
}

function whoseIs(pid, tid, productPid, names) {
  if (tid === productPid) return 'the thread that answers';
  if (pid === productPid) return 'other threads: sequencing, collecting garbage';
  const name = names.get(pid);
  return name?.startsWith('tooken ') ? `PostgreSQL: ${name.slice('tooken '.length)}` : 'PostgreSQL: all else';
}

const tickOf = () => 1e6 / Number(execFileSync('getconf', ['CLK_TCK']));

/** Microseconds that each thread of the product and of what it has started has had, and the machine. */
function snapshot(productPid) {
  const tick = tickOf();
  const parents = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = Number(fieldsOf(`/proc/${pid}/stat`)?.[1]);
    parents.set(Number(pid), parent);
  }
  const threads = new Map();
  for (const pid of parents.keys()) {
    if (!descends(pid, productPid, parents)) continue;
    for (const tid of list(`/proc/${pid}/task`)) {
      const fields = fieldsOf(`/proc/${pid}/task/${tid}/stat`);
      if (fields === null) continue;
      const time = (Number(fields[11]) + Number(fields[12])) * tick;
      threads.set(`${pid}/${tid}`, { pid, tid: Number(tid), time });
    }
  }
  const [user, nice, system, idle, waiting, interrupts, soft] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) * tick);
  return { threads, busy: user + nice + system + interrupts + soft, idle: idle + waiting };
}

function descends(pid, ancestor, parents) {
  for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === ancestor) return true;
  return false;
}

/** From the state on (proc(5)); the name before it may hold anything. Null for what has ended. */
function fieldsOf(file) {
  try {
    const text = readFileSync(file, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
