/**
 * `node bench/overload.mjs`: what the product does with five times the load that it can serve. See README.md.
 *
 *   --seconds N   of overload; 20 unless told
 */
import { parseArgs } from 'node:util';
import { program } from './program.mjs';

const { values: options } = parseArgs({ options: { seconds: { type: 'string' } } });
const TOKENS = 1_000;

await program(async (lifetime, say) => {
  const { loadGenerator } = await import('./load.mjs');
  const { issueTokens } = await import('./measure.mjs');
  const { measureOverload } = await import('./measure-overload.mjs');
  const { built, startProduct } = await import('./product.mjs');
  const { overloadAsText } = await import('./report.mjs');
  const { makeSecret } = await built('platform/secrets/secret.js');
  const { path: folder } = await lifetime.folder();
  const product = await startProduct(lifetime, folder, makeSecret('api_key', 'live'));
  const { values } = await issueTokens(product, TOKENS);
  const extent = { seconds: 5, overload: { calm: 5, storm: Number(options.seconds ?? 20), after: 15 } };
  const load = loadGenerator(lifetime, folder);
  const result = await measureOverload(lifetime, product, load, values, extent, say);
  await product.stop();
  return overloadAsText(result);
});
