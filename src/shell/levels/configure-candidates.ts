import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Completer, Completion, CompletionRequest } from '../command.js';
import { openCopy } from './configure-copy.js';

/** Ids of the configuration's objects, of one kind where given. */
export const ids =
  (type?: string): Completer =>
  async ({ session }) => {
    const copy = await openCopy(session);
    const objects = copy?.configuration.objects() ?? [];
    return objects
      .filter((object) => type === undefined || object.type === type)
      .map((object): Completion => ({ text: object.id, kind: 'id', summary: object.type }));
  };

export const selection: Completer = async (request) => {
  const copy = await openCopy(request.session);
  const objects = copy?.configuration.objects() ?? [];
  const types = new Set(objects.map(({ type }) => type));
  const keywords = ['changed', ...(request.words.length === 0 ? ['xml', 'json'] : ['and', 'or'])];
  return [
    ...keywords.map((text): Completion => ({ text, kind: 'keyword' })),
    ...[...types].map((type): Completion => ({ text: `type:${type}`, kind: 'keyword' })),
    ...objects
      .filter(({ type }) => type === 'tag')
      .map(({ id }): Completion => ({ text: `tag:${id}`, kind: 'id' })),
    ...(await ids()(request)),
  ];
};

export const properties: Completer = async () => {
  const { clusterOptions } = await import('../../language/cluster-options.js');
  return [...clusterOptions.values()].map(
    ({ name, summary }): Completion => ({ text: name, kind: 'parameter', summary }),
  );
};

export const files: Completer = ({ word }) => {
  const folder = word.includes('/') ? dirname(`${word}x`) : '.';
  const prefix = word.includes('/') ? word.slice(0, word.length - basename(`${word}x`).length + 1) : '';
  try {
    return readdirSync(folder, { withFileTypes: true }).map(
      (entry): Completion => ({
        text: `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`,
        kind: 'file',
        open: entry.isDirectory(),
      }),
    );
  } catch {
    // A folder that cannot be read has nothing to offer.
    return [];
  }
};

/** What the grammar allows at the cursor of a statement. */
export const statement: Completer = async (request: CompletionRequest) => {
  const { completeStatement } = await import('./configure-assistance.js');
  return completeStatement(request);
};
