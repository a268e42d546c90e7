import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Forgetting } from './forgetting.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { RememberedAnswers } from './remembered-answers.js';

/** Makes every POST that creates or changes repeatable. */
@Module({
  providers: [RememberedAnswers, Forgetting, { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor }],
})
export class IdempotencyModule {}
