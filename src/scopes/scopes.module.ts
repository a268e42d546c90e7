import { Global, Module } from '@nestjs/common';
import { ScopesController } from './scopes.controller.js';
import { ScopesService } from './scopes.service.js';

/** The workspace's own scopes. */
@Global()
@Module({ controllers: [ScopesController], providers: [ScopesService], exports: [ScopesService] })
export class ScopesModule {}
