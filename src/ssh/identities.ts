import { readFile } from 'node:fs/promises';
import ssh2, { type BaseAgent, type ParsedKey, type PublicKeyEntry } from 'ssh2';

const { utils, createAgent } = ssh2;

/** A private key file as it is found, opened or not. */
export type Identity =
  | { readonly kind: 'key'; readonly path: string; readonly key: ParsedKey }
  | { readonly kind: 'encrypted'; readonly path: string; readonly text: Buffer }
  /** Of a kind that this client cannot use; `reason` says which. */
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string };

/** Reads a private key file; undefined where there is none. */
export async function readIdentity(path: string): Promise<Identity | undefined> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return { kind: 'unusable', path, reason: code === 'EACCES' ? 'no permission to read it' : String(code) };
  }
  const parsed = utils.parseKey(text);
  if (parsed instanceof Error) {
    if (/encrypted|passphrase/i.test(parsed.message)) return { kind: 'encrypted', path, text };
    return { kind: 'unusable', path, reason: parsed.message.replace(/\.$/, '') };
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key?.isPrivateKey()) return { kind: 'unusable', path, reason: 'it is no private key' };
  return { kind: 'key', path, key };
}

/** Undefined where the passphrase is wrong. */
export function decryptIdentity(text: Buffer, passphrase: string): ParsedKey | undefined {
  const parsed = utils.parseKey(text, passphrase);
  if (parsed instanceof Error) return undefined;
  return Array.isArray(parsed) ? parsed[0] : parsed;
}

/** The public half beside a private key file, where there is one: lets an agent's key be recognised without a passphrase. */
export async function publicBlob(path: string): Promise<Buffer | undefined> {
  const text = await readFile(`${path}.pub`).catch(() => undefined);
  if (!text) return undefined;
  const parsed = utils.parseKey(text);
  if (parsed instanceof Error) return undefined;
  return (Array.isArray(parsed) ? parsed[0] : parsed)?.getPublicSSH();
}

export interface AgentKeys {
  /** Offers the keys below and signs with them. */
  readonly agent: BaseAgent;
  readonly blobs: readonly Buffer[];
}

/** The keys of the SSH agent; undefined where none answers, or it has none. `only`: those with these public keys. */
export async function agentKeys(
  socket: string,
  only: readonly Buffer[] | null,
): Promise<AgentKeys | undefined> {
  const agent = createAgent(socket);
  const keys = await new Promise<readonly unknown[]>((resolve) => {
    agent.getIdentities((error, found) => resolve(error || !found ? [] : found));
  });
  const usable = keys.filter((key) => {
    const blob = blobOf(key);
    return blob !== undefined && (only === null || only.some((wanted) => wanted.equals(blob)));
  });
  if (usable.length === 0) return undefined;
  agent.getIdentities = ((callback: (error: undefined, found: unknown[]) => void) => {
    callback(undefined, usable);
  }) as typeof agent.getIdentities;
  return { agent, blobs: usable.map((key) => blobOf(key)!) };
}

function blobOf(key: unknown): Buffer | undefined {
  if (Buffer.isBuffer(key)) return key;
  if (typeof key !== 'object' || key === null) return undefined;
  if ('getPublicSSH' in key) return (key as ParsedKey).getPublicSSH();
  const { pubKey } = key as PublicKeyEntry;
  if (Buffer.isBuffer(pubKey)) return pubKey;
  if (typeof pubKey === 'object' && pubKey !== null && 'pubKey' in pubKey) {
    const inner = (pubKey as { pubKey: unknown }).pubKey;
    return Buffer.isBuffer(inner) ? inner : undefined;
  }
  return undefined;
}
