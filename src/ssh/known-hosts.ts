import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: 'cert-authority' | 'revoked' | null;
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

/** Lines that are blank, comments or not understood are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const found: KnownHost[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const words = line.split(/[ \t]+/);
    let marker: KnownHost['marker'] = null;
    if (words[0]!.startsWith('@')) {
      if (words[0] === '@cert-authority') marker = 'cert-authority';
      else if (words[0] === '@revoked') marker = 'revoked';
      else return;
      words.shift();
    }
    const [hosts, keyType, key] = words;
    if (!hosts || !keyType || !key) return;
    const blob = Buffer.from(key, 'base64');
    if (keyTypeOf(blob) !== keyType) return;
    found.push({ file, line: index + 1, marker, hosts, keyType, key: blob });
  });
  return found;
}

/** The name a host has in known_hosts: `[host]:port` where the port is not 22, in lower case. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Type in an SSH public key blob (RFC 4253, 6.6); empty where it is none. */
export function keyTypeOf(blob: Buffer): string {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  return length <= blob.length - 4 ? blob.toString('latin1', 4, 4 + length) : '';
}

/** `SHA256:...` as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** `ED25519`, `RSA`, `ECDSA`: the name that OpenSSH's messages have for a key type. */
export function keyTypeName(keyType: string): string {
  if (keyType.startsWith('ecdsa-')) return 'ECDSA';
  return keyType.replace(/^ssh-/, '').replace(/@.*$/, '').toUpperCase();
}

/** Whether the `hosts` field means this name (as `knownHostName` gives it). */
export function hostMatches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return hashedMatches(hosts, name);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|SALT|HASH`: HMAC-SHA1 of the name, keyed with the salt. */
function hashedMatches(field: string, name: string): boolean {
  const [, , salt, hash] = field.split('|');
  if (!salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

export function hashName(name: string, salt: Buffer = randomBytes(20)): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

/** `*` any characters, `?` one; everything else stands for itself. */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') {
      p++;
      t++;
    } else if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

export type Verdict =
  | { readonly kind: 'known' }
  /** No line for this host at all. `authority`: there is a @cert-authority line, which only certificates satisfy. */
  | { readonly kind: 'unknown'; readonly authority: boolean }
  /** There are keys of this host, and this is none of them. */
  | { readonly kind: 'changed'; readonly lines: readonly KnownHost[] }
  | { readonly kind: 'revoked'; readonly line: KnownHost };

/** What known_hosts says about a key that a host has shown. A revocation wins over everything. */
export function judgeHostKey(entries: readonly KnownHost[], name: string, key: Buffer): Verdict {
  const about = entries.filter((entry) => hostMatches(entry.hosts, name));
  const revoked = about.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked) return { kind: 'revoked', line: revoked };
  const plain = about.filter((entry) => entry.marker === null);
  if (plain.some((entry) => entry.key.equals(key))) return { kind: 'known' };
  if (plain.length > 0) return { kind: 'changed', lines: plain };
  return { kind: 'unknown', authority: about.some((entry) => entry.marker === 'cert-authority') };
}

/** Key types known of this host, in the order of the files: what the host should be asked for first. */
export function knownKeyTypes(entries: readonly KnownHost[], name: string): string[] {
  const types = entries
    .filter((entry) => entry.marker === null && hostMatches(entry.hosts, name))
    .map((entry) => entry.keyType);
  return [...new Set(types)];
}

/** A new line for known_hosts. */
export function knownHostLine(name: string, key: Buffer, hashed: boolean): string {
  return `${hashed ? hashName(name) : name} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
}
