import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ description: 'How secrets of one prefix look.' })
export class PrefixFormatDto {
  /** What they are values of. */
  @ApiProperty({ enum: ['api_key', 'token'], example: 'token' })
  type!: 'api_key' | 'token';

  /** What they start with. */
  @ApiProperty({ example: 'tkn' })
  prefix!: string;

  /** Matches every such secret, in the dialects of PCRE, RE2 and ECMAScript alike. */
  @ApiProperty({ example: 'tkn_(?:live|test)_[0-9A-Za-z]{36}' })
  regular_expression!: string;

  /** Well-formed, checksum included, and never issued: to try a scanner with. */
  @ApiProperty({ example: 'tkn_live_EXAMPLE00000000000000000000000xxxxxx' })
  sample!: string;
}

@ApiSchema({
  description:
    'How the end of a secret follows from the rest: what matches without it is no secret. The checksum is a number, written to the base of the alphabet’s length, the highest digit first.',
})
export class ChecksumRuleDto {
  /** As the catalogues of CRCs name it: polynomial 0x04C11DB7, reflected, start and end 0xFFFFFFFF. */
  @ApiProperty({ enum: ['CRC-32/ISO-HDLC'], example: 'CRC-32/ISO-HDLC' })
  algorithm!: 'CRC-32/ISO-HDLC';

  /** The ASCII bytes it is computed over: all of the secret but the checksum itself, prefix and underscores included. */
  @ApiProperty({ enum: ['all_before'], example: 'all_before' })
  over!: 'all_before';

  /** How many characters at the end it takes. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 6 })
  length!: number;

  /** The digits, that of 0 first. */
  @ApiProperty({ example: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' })
  alphabet!: string;

  /** What fills the places in front. */
  @ApiProperty({ example: '0' })
  padding!: string;
}

@ApiSchema({ description: 'The form of the secrets of a workspace, for secret scanners.' })
export class SecretFormatDto {
  /** Matches every secret of the prefixes below, standing by itself. */
  @ApiProperty({ example: '\\b(?:tok|tkn)_(?:live|test)_[0-9A-Za-z]{36}\\b' })
  regular_expression!: string;

  /**
   * That of API keys and that of tokens first; then the workspace's own: its `default_prefix`, and those that tokens of
   * the environment have.
   */
  @ApiProperty({ type: [PrefixFormatDto] })
  prefixes!: PrefixFormatDto[];

  /** How to tell a secret from what merely looks like one. */
  @ApiProperty({ type: ChecksumRuleDto })
  checksum!: ChecksumRuleDto;
}
