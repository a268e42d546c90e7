import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { PeopleModule } from '../people/people.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { FoundingController } from './founding.controller.js';
import { FoundingService } from './founding.service.js';
import { PeopleBySystem } from './people-by-system.service.js';
import { SetupController } from './setup.controller.js';
import { SetupService } from './setup.service.js';
import { SignUpService } from './sign-up.service.js';
import { SystemJournal } from './system-journal.js';

/** Above the features, since a workspace comes into being together with its first API key or its first owner. */
@Module({
  imports: [ApiKeysModule, WorkspacesModule, PeopleModule],
  controllers: [FoundingController, SetupController],
  providers: [FoundingService, SetupService, SignUpService, PeopleBySystem, SystemJournal],
})
export class FoundingModule {}
