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
const ADMINISTRATORS = 'haclient';

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

/** True when `/etc/group` (or the account's primary group) puts the user into the group. */
export function isInGroup(
  user: string,
  group: string,
  passwd = '/etc/passwd',
  groups = '/etc/group',
): boolean {
  for (const line of readLines(groups)) {
    const [name, , gid, members] = line.split(':');
    if (name !== group) continue;
    if (members?.split(',').includes(user)) return true;
    return readLines(passwd).some((entry) => {
      const fields = entry.split(':');
      return fields[0] === user && fields[3] === gid;
    });
  }
  return false;
}

/** Names of all groups that list the account, or that are its primary one. */
export function groupsOf(user: string, passwd = '/etc/passwd', groups = '/etc/group'): string[] {
  const primary = readLines(passwd)
    .map((entry) => entry.split(':'))
    .find(([name]) => name === user)?.[3];
  return readLines(groups).flatMap((line) => {
    const [name, , gid, members] = line.split(':');
    const concerned = name && (gid === primary || members?.split(',').includes(user));
    return concerned ? [name] : [];
  });
}

/** Root, and the account the agent runs as: no ACL applies to them. */
export function isPrivileged(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}

/** Where an SSH session says that its person sits: the address of `SSH_CONNECTION`; `local` for what is no address. */
export function originOf(said: unknown): string {
  const address = typeof said === 'string' ? said.split(' ')[0] : '';
  return address && /^[0-9A-Fa-f.:%a-z]{2,64}$/.test(address) ? address : 'local';
}

/** Root, the account the agent runs as, and members of `haclient`; the latter within the ACLs of the CIB. */
export function isAdministrator(identity: Identity): boolean {
  if (isPrivileged(identity.uid)) return true;
  return identity.uid > 0 && isInGroup(identity.user, ADMINISTRATORS);
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
