import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

const DESCRIPTIONS = {
  400: 'The request has faults; all of them are listed',
  401: 'What was sent to prove who it is proves nothing',
  404: "No such resource, or another workspace's or environment's: the same answer",
  409: 'The request conflicts with what is there',
} as const;

/** Declares the errors a route can end in besides those every route can. */
export function Fails(...statuses: (keyof typeof DESCRIPTIONS)[]): MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) => ApiResponse({ status, description: DESCRIPTIONS[status] })),
  );
}
