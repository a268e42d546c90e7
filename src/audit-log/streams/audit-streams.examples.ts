import type { ApiResponseNoStatusOptions } from '@nestjs/swagger';

const EVENT =
  '{"id":"evt_01k2qj6m4xf3v9n0e7w8r5t2ya","index":1041,"action":"token.issue","outcome":"success",…}';

export const FOLLOWED: ApiResponseNoStatusOptions = {
  description: 'Events as they come: `id` is the index, `data` the event as one line of JSON',
  content: {
    'text/event-stream': {
      schema: { type: 'string' },
      example: `retry: 1000\n\nid: 1041\nevent: audit\ndata: ${EVENT}\n\n: keep-alive\n\n`,
    },
  },
};

export const EXPORTED: ApiResponseNoStatusOptions = {
  description: 'The events, in the form that was asked for',
  content: {
    'application/x-ndjson': {
      schema: { type: 'string' },
      example:
        '{"action":"token.issue",…,"id":"evt_01k2qj6m4xf3v9n0e7w8r5t2ya","index":0,…}\n{"manifest":{…}}\n',
    },
    'text/csv': {
      schema: { type: 'string' },
      example: 'id,index,occurred_at,…\r\nevt_01k2qj6m4xf3v9n0e7w8r5t2ya,0,2026-11-21T12:00:00.123Z,…\r\n',
    },
  },
};
