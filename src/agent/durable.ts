/** What is done to a file system so that a file has either its old or its new content, whenever the power fails. */
export type FileStep =
  | { readonly kind: 'write'; readonly path: string }
  /** To the platter: the content of a file. */
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** To the platter: which names there are in a directory. */
  | { readonly kind: 'sync-directory'; readonly path: string };

/**
 * The steps, in order, that replace a file. Without the first sync the new name may come to hold nothing (a torn file);
 * without the second, the old file may come back after it was said to be gone.
 *
 * @param staging a name in the same directory that nobody else uses
 */
export function replacementSteps(path: string, staging: string, directory: string): FileStep[] {
  return [
    { kind: 'write', path: staging },
    { kind: 'sync', path: staging },
    { kind: 'rename', path: staging, to: path },
    { kind: 'sync-directory', path: directory },
  ];
}
