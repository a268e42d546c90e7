import { Module } from '@nestjs/common';
import { UseCounter } from './use-counter.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';

@Module({
  controllers: [VerificationController],
  providers: [UseCounter, VerificationService],
  exports: [VerificationService],
})
export class VerificationModule {}
