/**
 * Who is at the other end of the agent's socket. Node gives no peer credentials of a unix socket, so the file system
 * says it: only the kernel decides who owns a directory that appears at a path nobody could guess (HTCondor's FS method).
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../protocol/messages.js';

/** Identity of a client that has proven nothing yet. */
export const UNPROVEN: Identity = { user: '', uid: -1, origin: 'local' };

/** The group whose members may administer the cluster, as with Pacemaker. */
export const ADMINISTRATORS = 'haclient';

/**
 * Makes the directory for challenges below `runDirectory`: anyone may create in it, nobody may list it or touch
 * another's entries. Leftovers of earlier runs are removed.
 */
export function prepareChallenges(runDirectory: string): string {
  const directory = join(runDirectory, 'proof');
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o1733);
  for (const name of readdirSync(directory)) removeQuietly(join(directory, name));
  return directory;
}

/** A path that nobody has seen before. */
export function newChallenge(directory: string): string {
  return join(directory, randomBytes(16).toString('hex'));
}

/**
 * The uid that owns the challenged directory, or a sentence saying what is wrong with it. The directory is removed.
 *
 * A directory, because it cannot be a hard link to another's file; mode 0700 and no entries, because nobody but its
 * owner could have moved such a directory here.
 */
export function judgeChallenge(path: string): number | string {
  try {
    const found = lstatSync(path);
    if (!found.isDirectory()) return 'what is there is no directory';
    if ((found.mode & 0o7777) !== 0o700) return 'the directory must have mode 0700';
    if (found.nlink > 2) return 'the directory must be empty';
    return found.uid;
  } catch {
    return 'the directory was not made';
  } finally {
    removeQuietly(path);
  }
}

function removeQuietly(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there, or not a directory: then it proves nothing either.
  }
}

/** The account's name; the uid in digits where the system has no name for it. */
export function userName(uid: number, passwd = '/etc/passwd'): string {
  for (const line of readLines(passwd)) {
    const [name, , id] = line.split(':');
    if (id === String(uid) && name) return name;
  }
  return String(uid);
}

/** All groups of a user: those of `/etc/group` that name him, and that of his account. */
export function groupsOf(user: string, passwd = '/etc/passwd', groups = '/etc/group'): string[] {
  const own = readLines(passwd)
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === user)?.[3];
  return readLines(groups).flatMap((line) => {
    const [name, , gid, members] = line.split(':');
    return name && (gid === own || members?.split(',').includes(user)) ? [name] : [];
  });
}

/** Where an SSH session says that its person sits: the address of `SSH_CONNECTION`; `local` for what is no address. */
export function originOf(said: unknown): string {
  const address = typeof said === 'string' ? said.split(' ')[0] : '';
  return address && /^[0-9A-Fa-f.:%a-z]{2,64}$/.test(address) ? address : 'local';
}

/** Who has this uid. Root and the account that the agent runs as may do anything. */
export function identify(uid: number, origin: string): Identity {
  const user = userName(uid);
  const privileged = uid === 0 || uid === process.getuid?.();
  return { user, uid, origin, ...(privileged ? {} : { groups: groupsOf(user) }) };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
