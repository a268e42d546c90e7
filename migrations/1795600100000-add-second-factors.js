/** What people prove who they are with besides the password: an authenticator app, recovery codes, passkeys. */
export class AddSecondFactors1795600100000 {
  async up(db) {
    // One a person; not confirmed until they have shown that the app counts as we do.
    await db.query(`
      create table totp_secrets (
        user_id text collate "C" not null constraint totp_secrets_pkey primary key
          constraint totp_secrets_user_fkey references users (id),
        sealed bytea not null,
        created_at timestamptz(3) not null,
        confirmed_at timestamptz(3),
        last_step bigint
      )`);
    await db.query(`
      create table recovery_codes (
        hash bytea not null constraint recovery_codes_pkey primary key,
        user_id text collate "C" not null constraint recovery_codes_user_fkey references users (id),
        created_at timestamptz(3) not null,
        used_at timestamptz(3)
      )`);
    await db.query(`create index recovery_codes_of_user on recovery_codes (user_id)`);
    await db.query(`
      create table passkeys (
        id text collate "C" not null constraint passkeys_pkey primary key,
        user_id text collate "C" not null constraint passkeys_user_fkey references users (id),
        credential_id text collate "C" not null constraint passkeys_credential_key unique,
        public_key bytea not null,
        counter bigint not null,
        transports text[] not null,
        name text not null,
        backed_up boolean not null,
        created_at timestamptz(3) not null,
        last_used_at timestamptz(3)
      )`);
    await db.query(`create index passkeys_of_user on passkeys (user_id, id)`);
  }

  async down(db) {
    for (const table of ['passkeys', 'recovery_codes', 'totp_secrets']) await db.query(`drop table ${table}`);
  }
}
