import { startProduct } from './product.mjs';
import { median } from './statistics.mjs';

/** On empty folders, for which databases are made: to the first authenticated answer. */
export async function measureColdStart(lifetime, key, times, say) {
  const measured = [];
  for (let i = 0; i < times; i++) {
    say('cold start');
    const folder = await lifetime.folder();
    const product = await startProduct(lifetime, folder.path, key);
    measured.push(product.startMs);
    await product.stop();
    await folder.remove();
  }
  return median(measured);
}

/** On the folder that holds all of this: to `/readyz` saying yes. */
export async function measureWarmStart(lifetime, { folder, key }, times, say) {
  const measured = [];
  for (let i = 0; i < times; i++) {
    say('warm start');
    const product = await startProduct(lifetime, folder, key);
    measured.push(product.readyMs);
    await product.stop();
  }
  return median(measured);
}
