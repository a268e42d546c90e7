import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';
import 'reflect-metadata';

/**
 * Node's own way of loading a module, for what stands in the place of `src` and of packages (product-transform.mjs).
 * Jest would load Nest, TypeORM and the product anew for every test file, which takes longer than most files' tests.
 */
export default class ProductEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireBuilt = createRequire(import.meta.url);
    // What the product throws and annotates is of these, not of the test file's own.
    Object.assign(this.global, { Error, RangeError, Reflect, SyntaxError, TypeError });
  }
}
