import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  isImportable,
  isSha256,
  MAX_IMPORTED_LENGTH,
  MIN_IMPORTED_LENGTH,
} from '../credentials/imported-value.js';
import { Checked, ListOfNested, Nullable, OneOf, Text } from '../platform/input/fields.js';
import { HANDLE_PREFIXES, isHandle } from '../platform/ids.js';
import { parseSecret } from '../platform/secrets/secret.js';
import { IssueTokenDto } from './tokens.dto.js';

const MAX_ITEMS = 100;

const valueFault = (text: string, body: Readonly<Record<string, unknown>>): string | null => {
  if (body.hash === 'sha256') return isSha256(text) ? null : 'must be a SHA-256 in hex, 64 characters';
  if (!isImportable(text)) return 'must be printable ASCII, without a blank at either end';
  if (parseSecret(text)?.kind === 'api_key') return 'must not be an API key of Tooken';
  return HANDLE_PREFIXES.some((prefix) => isHandle(prefix, text)) ? 'must not be an id of Tooken' : null;
};

@ApiSchema({
  description:
    'A token with the value it has already: all that can be said of one that is issued, and the value.',
})
export class ImportTokenDto extends IssueTokenDto {
  /**
   * The value as its owner presents it: 8 to 512 printable ASCII characters. Or, with `hash`, what you have kept of it.
   * It is never shown again.
   */
  @Checked('imported-value', valueFault)
  @Text({
    min: MIN_IMPORTED_LENGTH,
    max: MAX_IMPORTED_LENGTH,
    example: '8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918',
  })
  value!: string;

  /** `sha256`: `value` is the SHA-256 of the value, in hex; without salt, and of nothing but the value. */
  @Nullable()
  @OneOf(['sha256'], { example: null })
  hash?: 'sha256' | null;
}

@ApiSchema({ description: 'Body of `POST /v1/tokens/import`: all of it is imported, or nothing.' })
export class ImportTokensDto {
  /** Up to 100 tokens, as far as the body’s limit of 64 KiB allows. */
  @ListOfNested(() => ImportTokenDto, { min: 1, max: MAX_ITEMS })
  items!: ImportTokenDto[];
}

@ApiSchema({ description: 'What became of one item of an import.' })
export class ImportedTokenDto {
  /** The token that has the value now. */
  @ApiProperty({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** `exists`: a token of this workspace and environment had the value already; it was left as it is. */
  @ApiProperty({ enum: ['imported', 'exists'], example: 'imported' })
  status!: 'imported' | 'exists';
}

@ApiSchema({ description: 'What became of an import.' })
export class ImportReportDto {
  /** How many tokens were made. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  imported!: number;

  /** How many values were known before, or repeat an earlier item. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  existing!: number;

  /** One for each item, in their order. */
  @ApiProperty({ type: [ImportedTokenDto] })
  results!: ImportedTokenDto[];
}
