import type { Entry } from './log-pages.js';
import type { Stretch } from './stretch.js';

/** Writes an export in one form. What it returns may be empty. */
export interface ExportWriter {
  /** @param stretch of the log that is read at all. */
  head(stretch: Stretch): Promise<string>;
  /** Places of it, in their order. */
  page(entries: readonly Entry[]): Promise<string>;
  /** All places have been there. */
  end(): Promise<string>;
}
