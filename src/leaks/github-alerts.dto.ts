import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'One match of GitHub’s secret scanning.' })
export class GithubAlertDto {
  /** The value that was found. It is kept nowhere. */
  @ApiProperty({ example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  token!: string;

  /** Which of the patterns it matches; returned with the judgement. */
  @ApiProperty({ required: false, example: 'tooken_token' })
  type?: string;

  /** Where it was found; kept with the event, up to 2048 characters. */
  @ApiProperty({ required: false, example: 'https://github.com/acme/import/blob/main/config.yaml' })
  url?: string;

  /** In what kind of place: `content`, `commit`, `pull_request_description` and so on. */
  @ApiProperty({ required: false, example: 'content' })
  source?: string;
}

@ApiSchema({ description: 'What Tooken thinks of one match, as GitHub takes it.' })
export class GithubFeedbackDto {
  /** SHA-256 of the value, in hexadecimal. */
  @ApiProperty({ example: '3b5d8f4a6a1fd0f9f6c5f8a9c3e1b7d25a4e6f7089b1c2d3e4f5061728394a5b' })
  token_hash!: string;

  /** As in the alert. */
  @ApiProperty({ example: 'tooken_token' })
  token_type!: string;

  /** `true_positive`: it was issued here, whatever became of it since. */
  @ApiProperty({ enum: ['true_positive', 'false_positive'], example: 'true_positive' })
  label!: 'true_positive' | 'false_positive';
}
