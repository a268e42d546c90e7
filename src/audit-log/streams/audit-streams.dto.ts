import { Int, OneOf, Optional } from '../../platform/input/fields.js';
import { AuditEventFilters, LogQuery } from '../list-audit-events.dto.js';

/** Query of `GET /v1/audit-events/tail`. */
export class TailQuery extends LogQuery {
  /** Only events behind this index, which some event must have had; -1 for all there are. Left out: only those that come from now on. */
  @Optional()
  @Int({ min: -1, max: Number.MAX_SAFE_INTEGER, example: 1041 })
  after_index?: number;
}

/** Query of `GET /v1/audit-events/export`. */
export class ExportQuery extends AuditEventFilters {
  /** One JSON object a line, which can be checked offline; or CSV, for spreadsheets. */
  @OneOf(['ndjson', 'csv'], { default: 'ndjson' })
  format!: 'ndjson' | 'csv';
}
