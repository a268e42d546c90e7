import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { Clock } from '../clock.js';
import { at } from './moment.js';
import type { Dto } from './rule.js';
import { validateBody } from './validate.js';
import { validateQuery } from './query.js';

/** Holds every body and query string against its DTO; a body left out is an empty one. */
@Injectable()
export class InputPipe implements PipeTransform {
  constructor(private readonly clock: Clock) {}

  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (metatype === undefined || type === 'param' || type === 'custom') return value;
    return at(this.clock.now(), () =>
      type === 'body'
        ? validateBody(metatype as Dto, value === undefined ? {} : value)
        : validateQuery(metatype as Dto, (value ?? {}) as Record<string, string | string[]>),
    );
  }
}
