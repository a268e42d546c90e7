import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem, type Fault } from '../platform/errors/problem.js';
import { at } from '../platform/input/moment.js';
import { parseJson } from '../platform/input/strict-json.js';
import { validateBody } from '../platform/input/validate.js';
import { ImportTokenDto } from './import.dto.js';
import { ImportTokensService, type ImportOwner } from './import-tokens.service.js';

/** So many items are imported by one round of statements. */
const CHUNK = 500;
/** So many faults are told; the rest are counted. */
const MAX_TOLD = 500;

export interface LineFault extends Fault {
  /** From 1. */
  line: number;
}

/** What became of a file. With faults, nothing was imported. */
export interface FileReport {
  ok: boolean;
  imported: number;
  existing: number;
  faults: LineFault[];
  /** How many more there are. */
  more_faults: number;
}

interface Line {
  line: number;
  item: ImportTokenDto;
}

/** Imports a file of NDJSON, each line an item of `POST /v1/tokens/import`: all of it in one transaction, or nothing. */
@Injectable()
export class ImportFile {
  constructor(
    private readonly database: Database,
    private readonly imports: ImportTokensService,
    private readonly clock: Clock,
  ) {}

  /** @param isDryRun whether all shall be undone at the end, as if it had not been. */
  async run(owner: ImportOwner, lines: AsyncIterable<string>, isDryRun: boolean): Promise<FileReport> {
    const { items, faults } = await this.read(lines);
    if (faults.length > 0) return refused(faults);
    const sum = { imported: 0, existing: 0 };
    const unknown: LineFault[] = [];
    try {
      await this.database.transaction(async () => {
        for (let from = 0; from < items.length; from += CHUNK) {
          const chunk = items.slice(from, from + CHUNK);
          const report = await this.imports
            .importBySystem(
              owner,
              chunk.map(({ item }) => item),
            )
            .catch((error: unknown) => {
              unknown.push(...inLines(error, chunk));
              return { imported: 0, existing: 0 };
            });
          sum.imported += report.imported;
          sum.existing += report.existing;
        }
        if (unknown.length > 0 || isDryRun) throw new Undone();
      });
    } catch (error) {
      if (!(error instanceof Undone)) throw error;
    }
    return unknown.length > 0 ? refused(unknown) : { ok: true, ...sum, faults: [], more_faults: 0 };
  }

  private async read(lines: AsyncIterable<string>): Promise<{ items: Line[]; faults: LineFault[] }> {
    const items: Line[] = [];
    const faults: LineFault[] = [];
    let line = 0;
    for await (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      try {
        const item = at(this.clock.now(), () => validateBody(ImportTokenDto, parseJson(text).value));
        items.push({ line, item });
      } catch (error) {
        if (!(error instanceof Problem && error.details !== undefined)) throw error;
        faults.push(...error.details.map((fault) => ({ line, ...fault })));
      }
    }
    return { items, faults };
  }
}

/** Rolls back what went well. */
class Undone extends Error {}

function refused(faults: readonly LineFault[]): FileReport {
  const told = faults.slice(0, MAX_TOLD);
  return { ok: false, imported: 0, existing: 0, faults: told, more_faults: faults.length - told.length };
}

/** The faults of a chunk, each by the line of its item. */
function inLines(error: unknown, chunk: readonly Line[]): LineFault[] {
  if (!(error instanceof Problem && error.details !== undefined)) throw error;
  return error.details.map(({ field, message }) => {
    const [, index = '0', path = field] = /^items\[(\d+)\]\.(.*)$/.exec(field) ?? [];
    return { line: chunk[Number(index)]!.line, field: path, message };
  });
}
