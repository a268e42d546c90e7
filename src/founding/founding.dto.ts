import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Text } from '../platform/input/fields.js';
import { WorkspaceDto } from '../workspaces/workspaces.dto.js';

@ApiSchema({ description: 'Body of `POST /v1/workspaces`.' })
export class CreateWorkspaceDto {
  /** 1 to 120 characters; the slug is made from it. */
  @Text({ max: 120, example: 'Example Ltd' })
  name!: string;
}

@ApiSchema({
  description: 'A new workspace with its first API key, which is shown in this one answer and never again.',
})
export class NewWorkspaceDto extends WorkspaceDto {
  /** The value of its first API key, a live one; null for a person, who makes one when they need it. */
  @ApiProperty({ type: String, nullable: true, example: 'tok_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A0kXbQ1' })
  api_key!: string | null;
}
