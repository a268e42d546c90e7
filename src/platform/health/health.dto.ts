import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'All is well; otherwise the status says so.' })
export class HealthDto {
  /** The only thing there is to say with 200. */
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status!: 'ok';
}
