import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { FoundingController } from './founding.controller.js';
import { FoundingService } from './founding.service.js';

/** Above the features, since a workspace comes into being together with its first API key. */
@Module({
  imports: [ApiKeysModule, WorkspacesModule],
  controllers: [FoundingController],
  providers: [FoundingService],
})
export class FoundingModule {}
