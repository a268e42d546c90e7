import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

const PRESENT = 0x01;
const VERIFIED = 0x04;
const BACKUP = 0x18;
const ATTESTED = 0x40;

interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}

interface RequestOptions {
  challenge: string;
  rpId: string;
}

/** What an attacker, or a simpler device, would do otherwise. */
interface Quirks {
  origin?: string;
  rpId?: string;
  isVerified?: boolean;
  challenge?: string;
}

/** A device with one passkey (ES256), written from the specification (WebAuthn §6, CTAP2 canonical CBOR). */
export class Authenticator {
  private readonly id = randomBytes(16);
  private readonly key: { privateKey: KeyObject; publicKey: KeyObject };
  private userHandle: string | null = null;
  /** How often it has signed. */
  counter = 0;

  constructor(private readonly origin: string) {
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  /** Makes its passkey for the site, without attestation. */
  create({ challenge, rp, user }: CreationOptions, quirks: Quirks = {}): Record<string, unknown> {
    this.userHandle = user.id;
    const authData = this.authData(quirks.rpId ?? rp.id, quirks, true);
    const attestation = Buffer.concat([
      cborMap(3),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      cborMap(0),
      cborText('authData'),
      cborBytes(authData),
    ]);
    return this.credential({
      clientDataJSON: this.clientData('webauthn.create', challenge, quirks).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Signs in with it. */
  get({ challenge, rpId }: RequestOptions, quirks: Quirks = {}): Record<string, unknown> {
    this.counter += 1;
    const authData = this.authData(quirks.rpId ?? rpId, quirks, false);
    const clientData = this.clientData('webauthn.get', challenge, quirks);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return this.credential({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, this.key.privateKey).toString('base64url'),
      userHandle: this.userHandle,
    });
  }

  private credential(response: Record<string, unknown>): Record<string, unknown> {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }

  private clientData(type: string, challenge: string, quirks: Quirks): Buffer {
    return Buffer.from(
      JSON.stringify({
        type,
        challenge: quirks.challenge ?? challenge,
        origin: quirks.origin ?? this.origin,
        crossOrigin: false,
      }),
    );
  }

  private authData(rpId: string, { isVerified = true }: Quirks, attested: boolean): Buffer {
    const flags = PRESENT | BACKUP | (isVerified ? VERIFIED : 0) | (attested ? ATTESTED : 0);
    const head = Buffer.alloc(37);
    createHash('sha256').update(rpId).digest().copy(head);
    head.writeUInt8(flags, 32);
    head.writeUInt32BE(this.counter, 33);
    if (!attested) return head;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    return Buffer.concat([head, Buffer.alloc(16), length, this.id, this.coseKey()]);
  }

  /** RFC 9052 §7, RFC 9053 §7.1: EC2, ES256, P-256, x, y. */
  private coseKey(): Buffer {
    const { x, y } = this.key.publicKey.export({ format: 'jwk' });
    return Buffer.concat([
      cborMap(5),
      Buffer.from([0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      cborBytes(Buffer.from(x!, 'base64url')),
      Buffer.from([0x22]),
      cborBytes(Buffer.from(y!, 'base64url')),
    ]);
  }
}

/** RFC 8949, as far as it is needed. */
function cborMap(size: number): Buffer {
  return Buffer.from([0xa0 | size]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 | text.length]), Buffer.from(text)]);
}

function cborBytes(bytes: Buffer): Buffer {
  const head = bytes.length < 24 ? [0x40 | bytes.length] : [0x58, bytes.length];
  return Buffer.concat([Buffer.from(head), bytes]);
}
