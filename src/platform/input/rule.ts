import type { Fault } from '../errors/problem.js';
import { fault, NONE, segment } from './faults.js';

/** A class whose fields carry the decorators of `fields.ts`. */
export type Dto<T extends object = object> = new () => T;

/** A body while it is being judged: its members are not yet what the DTO says. */
export type Unjudged = Readonly<Record<string, unknown>>;

/** The part of OpenAPI's schema object that fields use. */
export interface FieldSchema {
  type: 'string' | 'integer' | 'boolean' | 'object' | 'array' | (() => Dto);
  isArray?: boolean;
  items?: FieldSchema;
  format?: string;
  pattern?: string;
  enum?: readonly string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  additionalProperties?: boolean;
  description?: string;
  example?: unknown;
}

/** What one kind of field means: to the reader of a body, to the reader of a query, and to the document. */
export interface Rule {
  /** Everything wrong with a value that is there, with paths that start at the value. Never quotes it. */
  check(value: unknown): readonly Fault[];
  /** The same in OpenAPI's words. */
  readonly schema: FieldSchema;
  /** What the handler gets for an accepted value, where that is not the value itself. */
  build?(value: unknown): unknown;
  /** What a query's string stands for; a string that stands for nothing stays as it is, for `check` to refuse. */
  fromQuery?(text: string): unknown;
  /** Of a list: the rule of its items. */
  readonly items?: Rule;
}

/** A check of the feature's own: what is wrong with the text, or null. Sees the rest of the body unjudged. */
export type Predicate = (value: string, body: Unjudged) => string | null;

interface ExtraCheck {
  name: string;
  each: boolean;
  predicate: Predicate;
}

/** Everything the decorators of one property say together, in whatever order they stand. */
export class FieldSpec {
  rule: Rule | undefined;
  readonly extras: ExtraCheck[] = [];
  mayBeAbsent = false;
  mayBeNull = false;
  fallback: unknown;

  /** Whether the value is to be examined at all: false for what may be missing and is. */
  applies(value: unknown): boolean {
    return !((value === undefined && this.mayBeAbsent) || (value === null && this.mayBeNull));
  }

  /** Everything wrong with the field: at most one fault for each place in it. */
  faults(value: unknown, body: Unjudged): readonly Fault[] {
    if (value === undefined) return fault('is required');
    if (value === null) return fault('must not be null');
    const faults = this.rule?.check(value) ?? NONE;
    return this.extras.length === 0 ? faults : this.examineFurther(value, body, faults);
  }

  private examineFurther(value: unknown, body: Unjudged, found: readonly Fault[]): Fault[] {
    const faults = [...found];
    const isFaulty = (path: string) => faults.some(({ field }) => field === '' || field.startsWith(path));
    const examine = (part: unknown, path: string, predicate: Predicate) => {
      if (typeof part !== 'string' || isFaulty(path)) return;
      const message = predicate(part, body);
      if (message !== null) faults.push({ field: path, message });
    };
    for (const { predicate, each } of this.extras) {
      if (!each) examine(value, '', predicate);
      else if (Array.isArray(value)) {
        for (const [at, item] of value.entries()) examine(item, segment(at), predicate);
      }
    }
    return faults;
  }
}
