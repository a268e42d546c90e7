import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { Clock } from '../clock.js';
import { isForm, validateForm } from './form.js';
import { at } from './moment.js';
import type { Dto } from './rule.js';
import { validateBody } from './validate.js';
import { validateQuery, type RawQuery } from './query.js';

/** Holds every body and query string against its DTO; a body left out is an empty one. */
@Injectable()
export class InputPipe implements PipeTransform {
  constructor(private readonly clock: Clock) {}

  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (metatype === undefined || type === 'param' || type === 'custom') return value;
    const dto = metatype as Dto;
    return at(this.clock.now(), () => {
      if (type !== 'body') return validateQuery(dto, (value ?? {}) as RawQuery);
      return isForm(dto)
        ? validateForm(dto, (value ?? {}) as RawQuery)
        : validateBody(dto, value === undefined ? {} : value);
    });
  }
}
