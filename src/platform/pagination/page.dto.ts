import { Int, Optional, Text } from '../input/fields.js';

/** What every list takes (contract §2). */
export class PageQuery {
  /** How many to return at most. */
  @Int({ min: 1, max: 100, default: 25 })
  limit!: number;

  /** `next_cursor` of the previous page; bound to the filters it came with. */
  @Optional()
  @Text({ max: 1024, example: 'eyJwIjpbImtleV8wMWs…' })
  cursor?: string;
}
