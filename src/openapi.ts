import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export function setUpDocs(app: NestFastifyApplication): void {
  void app;
}
