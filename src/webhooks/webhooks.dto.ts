import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { CreatedBy, renderCreatedBy } from '../credentials/created-by.dto.js';
import { Checked, Flag, ListOf, Nullable, OneOf, Optional, Text } from '../platform/input/fields.js';
import { MAX_URL_LENGTH, urlFault } from '../platform/outbound/destination.js';
import { NOTICE_TYPES, type NoticeType } from './notice-types.js';
import type { Webhook } from './webhook.entity.js';

const URL_EXAMPLE = 'https://hooks.acme.example/tooken';
const DESCRIPTION_EXAMPLE = 'Tells the on-call channel';
const TIME = '2026-11-21T12:00:00.123Z';

@ApiSchema({ description: 'Body of `POST /v1/webhooks`.' })
export class CreateWebhookDto {
  /**
   * Where notices are sent: `https`, up to 2048 characters, without user name, password and fragment. It must lead to
   * public addresses only, unless the operator of the instance has listed others, which may have `http` too.
   */
  @Checked('uri', urlFault)
  @Text({ max: MAX_URL_LENGTH, example: URL_EXAMPLE })
  url!: string;

  /** Which notices are sent; left out or null: all, also of types that later versions have. */
  @Nullable()
  @ListOf(OneOf(NOTICE_TYPES), {
    min: 1,
    max: NOTICE_TYPES.length,
    unique: true,
    example: ['token.expiring', 'secret.leaked'],
  })
  events?: NoticeType[] | null;

  /** For people; up to 500 characters. */
  @Nullable()
  @Text({ min: 0, max: 500, characters: 'lines', example: DESCRIPTION_EXAMPLE })
  description?: string | null;

  /** Whether notices are sent. */
  @Flag({ default: true, example: true })
  enabled!: boolean;
}

@ApiSchema({ description: 'Body of `PATCH /v1/webhooks/{id}`; what is left out stays.' })
export class UpdateWebhookDto {
  /** As at creation. */
  @Optional()
  @Checked('uri', urlFault)
  @Text({ max: MAX_URL_LENGTH, example: URL_EXAMPLE })
  url?: string;

  /** Null = all. */
  @Nullable()
  @ListOf(OneOf(NOTICE_TYPES), {
    min: 1,
    max: NOTICE_TYPES.length,
    unique: true,
    example: ['token.expiring'],
  })
  events?: NoticeType[] | null;

  /** Null clears it. */
  @Nullable()
  @Text({ min: 0, max: 500, characters: 'lines', example: DESCRIPTION_EXAMPLE })
  description?: string | null;

  /**
   * False: nothing is queued any more, and what is queued waits. True again: what waits is sent, and what happens from
   * now on is queued.
   */
  @Optional()
  @Flag({ example: true })
  enabled?: boolean;
}

@ApiSchema({ description: 'A webhook, without its signing secret.' })
export class WebhookDto {
  /** Its handle. */
  @ApiProperty({ example: 'wh_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** Where notices are sent. */
  @ApiProperty({ format: 'uri', example: URL_EXAMPLE })
  url!: string;

  /** Which notices are sent; null = all. */
  @ApiProperty({ enum: NOTICE_TYPES, isArray: true, nullable: true, example: ['token.expiring'] })
  events!: NoticeType[] | null;

  /** For people. */
  @ApiProperty({ type: String, nullable: true, example: DESCRIPTION_EXAMPLE })
  description!: string | null;

  /** Whether notices are sent. */
  @ApiProperty({ example: true })
  enabled!: boolean;

  /** Whose events it is told of. */
  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** Beginning and last four characters of its signing secret. */
  @ApiProperty({ example: 'whsec_…S0xF' })
  secret_hint!: string;

  /** Until when notices are also signed with the secret before that; null = they are not. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  previous_secret_until!: string | null;

  /** When it was made. */
  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  /** Who made it. */
  @ApiProperty({ type: CreatedBy })
  created_by!: CreatedBy;
}

@ApiSchema({
  description: 'A webhook with its signing secret, which is shown in this one answer and never again.',
})
export class NewWebhookDto extends WebhookDto {
  /** To verify notices with, as Standard Webhooks has it; shown this once. */
  @ApiProperty({ example: 'whsec_RVhBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS0=' })
  secret!: string;
}

@ApiSchema({ description: 'One page of webhooks.' })
export class WebhookPage {
  /** Newest first. */
  @ApiProperty({ type: [WebhookDto] })
  data!: WebhookDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

/** @param now Unix milliseconds: the end of a secret that is over is not shown. */
export function renderWebhook(row: Webhook, now: number): WebhookDto {
  const until = row.previousSecretUntil;
  return {
    id: row.id,
    url: row.url,
    events: row.events,
    description: row.description,
    enabled: row.enabled,
    environment: row.environment,
    secret_hint: row.secretHint,
    previous_secret_until: until !== null && until.getTime() > now ? until.toISOString() : null,
    created_at: row.createdAt.toISOString(),
    created_by: renderCreatedBy(row),
  };
}
