/**
 * Where the time of a CPU profile goes. A sample belongs to the first function of its stack, from the innermost
 * outwards, of which it is known whose it is: what Node does for the PostgreSQL client is the client's.
 */
const PARTS = [
  ['garbage collection', /^\(garbage collector\)$/, null],
  ['idle', /^\(idle\)$/, null],
  ['PostgreSQL client', null, /node_modules\/(pg|pg-[^/]+|postgres-[^/]+)\/|dist\/platform\/database\//],
  ['looking up', null, /dist\/credentials\//],
  ['deciding', null, /dist\/(verification|auth|scopes|platform\/secrets|platform\/addresses)/],
  ['sequencing', null, /dist\/audit-log\/sequencing\/(?!pending|value-uses)/],
  ['sealing', null, /dist\/(audit-log\/(?!proofs)|platform\/ids)|node_modules\/canonicalize\//],
  [
    'JSON and validation',
    null,
    /dist\/platform\/input\/|node_modules\/(class-validator|class-transformer|validator|jsonc-parser|secure-json-parse|fast-json-stringify|fast-querystring)\/|fastify\/lib\/(content-type-parser|validation|schemas)/,
  ],
  [
    'HTTP and Fastify',
    null,
    /node_modules\/(@?fastify|find-my-way|light-my-request|@nestjs|proxy-addr|avvio)|dist\/(direct-route|app\.|platform\/(context|http|errors|logger))|node:(_http|internal\/http)/,
  ],
];

/** What is left: sockets, timers and promises that nobody else's function called. */
const REST = 'Node’s own';
/** Ours: what it takes to begin and to end is not the product's. */
const PROFILER = /\/bench\/profiler\.mjs$/;

const isOf = ({ functionName, url }, [, name, place]) =>
  name === null ? place.test(url) : name.test(functionName);

/**
 * The tree of a profile with the microseconds of each node, those of its children included.
 *
 * @returns its root: `{ name, url, line, part, self, total, children }`.
 */
export function treeOf({ nodes, samples, timeDeltas }) {
  const self = new Map();
  samples.forEach((id, at) => self.set(id, (self.get(id) ?? 0) + timeDeltas[at]));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const grow = ({ id, callFrame, children = [] }, partAbove) => {
    const part = PARTS.find((each) => isOf(callFrame, each))?.[0] ?? partAbove;
    const below = children
      .map((child) => byId.get(child))
      .filter(({ callFrame: { url } }) => !PROFILER.test(url))
      .map((child) => grow(child, part));
    const own = self.get(id) ?? 0;
    return {
      name: callFrame.functionName || '(anonymous)',
      url: callFrame.url,
      line: callFrame.lineNumber + 1,
      part,
      self: own,
      total: below.reduce((sum, { total }) => sum + total, own),
      children: below,
    };
  };
  return grow(nodes[0], REST);
}

/** @returns `[part, share]`, the largest first; of all time, idle time included. */
export function sharesOf(root) {
  const sums = new Map();
  const add = ({ part, self, children }) => {
    sums.set(part, (sums.get(part) ?? 0) + self);
    children.forEach(add);
  };
  add(root);
  return [...sums].map(([part, sum]) => [part, sum / root.total]).sort(([, one], [, other]) => other - one);
}
