import { ApiProperty } from '@nestjs/swagger';

/** All is well; otherwise the status says so. */
export class HealthDto {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status!: 'ok';
}
