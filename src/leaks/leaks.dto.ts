import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Text } from '../platform/input/fields.js';

@ApiSchema({ description: 'Body of `POST /v1/leaks`.' })
export class ReportLeakDto {
  /** The value that has leaked: of an API key or of a token. It is kept nowhere. */
  @Text({ max: 512, characters: 'any', example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  secret!: string;
}

@ApiSchema({ description: 'The answer to every report, whatever became of it.' })
export class LeakReceivedDto {
  /** Always true: it tells nothing of the value. */
  @ApiProperty({ enum: [true], type: 'boolean', example: true })
  received!: true;
}
