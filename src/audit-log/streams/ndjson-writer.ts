import { setImmediate as nextTurn } from 'node:timers/promises';
import { withoutSecrets } from '../../platform/secrets/secret.js';
import { canonicalJson } from '../proofs/canonical.js';
import type { TreeReader } from '../proofs/tree-reader.js';
import { EXPORT_FORMAT, type Manifest } from './export-format.js';
import type { ExportWriter } from './export-writer.js';
import { exportLine } from './exported-line.js';
import { coverOf, LeafRange } from './leaf-range.js';
import type { Entry } from './log-pages.js';
import { placesWithout, type Stretch } from './stretch.js';

/** What the manifest says beside what the writer has counted. */
export type ManifestFacts = Pick<
  Manifest,
  'checkpoint' | 'epoch' | 'filters' | 'log' | 'origin' | 'tree_size'
>;

/** Between two lines about the tree. */
const EVENTS_A_TREE_LINE = 1_000;
/** In one line: who waits for the next event among millions that are not asked for hears something meanwhile. */
const MOST_SKIPPED = 2 ** 16;
/** Written at a time; others want to be answered meanwhile. */
const EVENTS_A_TURN = 100;

/**
 * Writes events with what it takes to rebuild the log's tree from them: hashes in the place of events that are not
 * shown, so that an export of any part can be held against a checkpoint of the whole.
 */
export class NdjsonWriter implements ExportWriter {
  /** Of the place that comes next. */
  private index = 0;
  private stretch: Stretch = { from: 0, to: 0 };
  /** Places without an event, since the last line. */
  private gap: LeafRange | null = null;
  /** Whether those are gone from the log, or only not asked for. */
  private isGapDropped = false;
  private count = 0;
  private countAtTreeLine = 0;
  private first: number | null = null;
  private last: number | null = null;

  /**
   * @param tree as the log keeps it: the roots in an export are not made of the export.
   * @param toldDropped the places of which the log tells that retention has dropped them.
   */
  constructor(
    private readonly tree: TreeReader,
    private readonly facts: ManifestFacts,
    private readonly toldDropped: () => Promise<Stretch[]>,
  ) {}

  async head(stretch: Stretch): Promise<string> {
    this.stretch = stretch;
    return text(await this.skipTo(stretch.from, { isDropped: false }));
  }

  async page(entries: readonly Entry[]): Promise<string> {
    const lines: string[] = [];
    for (const [at, entry] of entries.entries()) {
      if (at % EVENTS_A_TURN === EVENTS_A_TURN - 1) await nextTurn();
      lines.push(...(await this.passGone(entry.index)), ...this.linesOf(entry));
      this.index++;
    }
    if (this.gap !== null && this.gap.end - this.gap.begin >= MOST_SKIPPED) lines.push(...this.gapLines());
    if (this.count - this.countAtTreeLine >= EVENTS_A_TREE_LINE) lines.push(...(await this.treeLines()));
    return text(lines);
  }

  async end(): Promise<string> {
    const { facts, count, first, last } = this;
    const lines = [
      ...(await this.passGone(this.stretch.to)),
      ...(await this.skipTo(facts.tree_size, { isDropped: false })),
    ];
    const root = await this.tree.root(facts.tree_size);
    const manifest: Manifest = {
      ...facts,
      complete: true,
      count,
      format: EXPORT_FORMAT,
      from_index: first,
      root: root.toString('base64'),
      to_index: last,
    };
    return text([...lines, ...this.gapLines(), withoutSecrets(canonicalJson({ manifest }))]);
  }

  private linesOf({ index, id, leafHash, event, isDamaged }: Entry): string[] {
    if (isDamaged) {
      const damaged = { body: event?.body ?? null, id, index, leaf_hash: leafHash.toString('base64') };
      return [...this.gapLines(), canonicalJson({ damaged })];
    }
    if (event === null) {
      const lines = this.beginGap(false);
      this.gap!.append(leafHash);
      return lines;
    }
    this.count++;
    this.first ??= index;
    this.last = index;
    return [...this.gapLines(), exportLine(event)];
  }

  /**
   * Over places that are not there. Whoever checks an export of a part may not see the event that tells they were
   * dropped, and so is told of the first of which none does.
   */
  private async passGone(to: number): Promise<string[]> {
    if (to <= this.index) return [];
    const isWhole = Object.keys(this.facts.filters).length === 0;
    const [lost] = isWhole ? [] : placesWithout([{ from: this.index, to }], await this.toldDropped());
    const lines = await this.skipTo(lost?.from ?? to, { isDropped: true });
    if (lost === undefined) return lines;
    const [leaf] = await this.tree.hashes([{ level: 0, index: lost.from }]);
    const damaged = { body: null, id: null, index: lost.from, leaf_hash: leaf!.toString('base64') };
    lines.push(...this.gapLines(), canonicalJson({ damaged }));
    return [...lines, ...(await this.skipTo(to, { isDropped: true }))];
  }

  /** Over places that were not read: what they hold is known to the tree. */
  private async skipTo(index: number, { isDropped }: { isDropped: boolean }): Promise<string[]> {
    if (index <= this.index) return [];
    const nodes = coverOf(this.index, index);
    const hashes = await this.tree.hashes(nodes);
    const lines = this.beginGap(isDropped);
    for (const [at, { level }] of nodes.entries()) this.gap!.append(hashes[at]!, level);
    this.index = index;
    return lines;
  }

  /** @returns the line of a gap of the other kind, if there was one. */
  private beginGap(isDropped: boolean): string[] {
    const lines = this.isGapDropped === isDropped ? [] : this.gapLines();
    this.isGapDropped = isDropped;
    this.gap ??= new LeafRange(this.index);
    return lines;
  }

  private gapLines(): string[] {
    const { gap } = this;
    this.gap = null;
    if (gap === null) return [];
    const hashes = gap.hashes().map((hash) => hash.toString('base64'));
    const places = { from: gap.begin, hashes, to: gap.end };
    return [canonicalJson(this.isGapDropped ? { dropped: places } : { skipped: places })];
  }

  private async treeLines(): Promise<string[]> {
    this.countAtTreeLine = this.count;
    const root = (await this.tree.root(this.index)).toString('base64');
    return [...this.gapLines(), canonicalJson({ tree: { root, size: this.index } })];
  }
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
