import { randomBytes } from 'node:crypto';
import type { Caller } from '../support/caller.js';
import { OwnCluster } from '../support/own-cluster.js';
import { cleanUp, Product } from '../support/product.js';
import { Wire } from '../support/wire.js';

/** 3 s are promised (contract §6); the rest is for a machine on which others have their turn first. */
export const ANSWERS_WITHIN_MS = 3_500;

/** The product as a process of its own, and what it stands on: its database, and the wire that leads there. */
export class Ground {
  private constructor(
    readonly cluster: OwnCluster,
    readonly wire: Wire,
    readonly product: Product,
  ) {}

  static async lay(): Promise<Ground> {
    const cluster = await OwnCluster.start();
    const wire = await Wire.to(cluster.appUrl);
    const product = await Product.start({
      DATABASE_URL: wire.url,
      DATABASE_MIGRATION_URL: cluster.adminUrl,
      TOOKEN_SECRET_KEY: randomBytes(32).toString('base64'),
      // Each request says from which address it comes, so that the refused are no flood.
      TOOKEN_TRUST_PROXY: '127.0.0.1',
      LOG_LEVEL: 'fatal',
    });
    return new Ground(cluster, wire, product);
  }

  /** With the first API key. */
  get root(): Caller {
    return this.product.as(this.product.key!);
  }

  async clear(): Promise<void> {
    await this.product.stop();
    await this.wire.remove();
    await this.cluster.stop();
    await cleanUp();
  }
}
