import { AsyncLocalStorage } from 'node:async_hooks';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { DataSource, EntityManager, ObjectLiteral, Repository } from 'typeorm';
import { insertionOf, type Insertion } from './insertion.js';
import { asUnavailable } from './unavailable.js';

/**
 * The one door to the tables. Whoever asks for rows inside `transaction` gets them inside that transaction:
 * services never pass a manager around, so none can forget to.
 */
export class Database implements OnApplicationShutdown {
  private readonly open = new AsyncLocalStorage<EntityManager>();
  private underWay = 0;

  constructor(private readonly source: DataSource) {}

  async connect(): Promise<void> {
    await this.source.initialize();
  }

  /** The repository of an entity, within the open transaction if there is one. */
  rows<Row extends ObjectLiteral>(entity: new () => Row): Repository<Row> {
    return this.manager.getRepository(entity);
  }

  /** How these rows are inserted, together with others. */
  insertion<Row extends ObjectLiteral>(
    entity: new () => Row,
    rows: readonly Row[],
    { ifFree = false } = {},
  ): Insertion {
    return insertionOf(this.source.getMetadata(entity), rows, ifFree);
  }

  get isInTransaction(): boolean {
    return this.open.getStore() !== undefined;
  }

  /** Runs one parameterised statement, within the open transaction if there is one. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    try {
      const result: unknown = await this.manager.query(sql, [...parameters]);
      // UPDATE and DELETE … RETURNING come as [rows, count], everything else as rows.
      return (isRowsAndCount(result) ? result[0] : result) as Row[];
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** Inserts the rows whose unique values nobody has yet; true if there was at least one such row. */
  async insertIfFree<Row extends ObjectLiteral>(
    entity: new () => Row,
    rows: readonly Row[],
  ): Promise<boolean> {
    const insert = this.rows(entity)
      .createQueryBuilder()
      .insert()
      .values(rows as never)
      .orIgnore()
      .returning('*');
    const { raw } = (await insert.execute()) as { raw: unknown[] };
    return raw.length > 0;
  }

  /**
   * Runs the work in one transaction: committed when it resolves, rolled back when it throws. A call inside
   * an open transaction joins it.
   *
   * @throws Problem `unavailable` when the database cannot be reached or does not answer in time.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.isInTransaction) return work();
    this.underWay += 1;
    try {
      return await this.source.transaction((manager) => this.open.run(manager, work));
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      this.underWay -= 1;
      // Before Node 24 a storage once used hooks into every promise of the process: a fifth of a verification.
      if (this.underWay === 0) this.open.disable();
    }
  }

  /**
   * Runs the work beside the open transaction, if there is one: what it commits stands, whatever becomes of that. It
   * must not need rows that the open one has locked.
   */
  apart<T>(work: () => Promise<T>): Promise<T> {
    return this.open.exit(work);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  private get manager(): EntityManager {
    return this.open.getStore() ?? this.source.manager;
  }
}

function isRowsAndCount(result: unknown): result is [unknown[], number] {
  return (
    Array.isArray(result) && result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number'
  );
}
